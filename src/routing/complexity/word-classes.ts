/** Words by what they say about a task. */
const CLASS_WORDS = {
  what: 'what whats',
  which: 'which',
  who: 'who whom whose',
  'when or where': 'when where',
  why: 'why reason cause causes because explain explains',
  how: 'how',
  negation: `not except no never cannot cant dont doesnt didnt isnt arent wasnt wont without neither nor none least false
    incorrect wrong unlikely untrue lack nothing exclude excluding nobody hardly`,
  quantifiers: `all each every some any only both either most exactly many several few always any exist exists entire whole
    at distinct different`,
  conditions: `if then unless suppose assume assuming given whether provided otherwise let when once would could should
    must may might`,
  comparisons: `more less than greater fewer larger smaller higher lower older younger longer shorter faster slower bigger
    better worse most least maximum minimum largest smallest greatest compare compared versus difference differ same equal
    increase decrease increased decreased`,
  'fractions and multiples': `twice thrice double triple half quarter times dozen third fourth fifth percent percentage ratio fraction
    proportion average mean median remaining remainder rest`,
  steps: `first second next after before later finally last previous until while during again every still already
    initially originally end start begins`,
  sums: `total altogether sum combined together product remaining left number amount cost costs price earn earns spend
    spends spent buy buys bought sell sells sold pay pays paid profit`,
  rates: `per hour hours minute minutes day days week weeks month months year years daily weekly speed rate mph km miles
    mile second seconds`,
  'number words': `one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty
    hundred thousand million billion zero`,
  algebra: `integer integers prime polynomial equation equations function functions roots root real complex vector matrix
    matrices modulo divisible divisor divisors factor factors coefficient coefficients sequence series digits digit
    logarithm log sin cos tan inequality positive negative expression term terms variable solution solutions solve
    simplify expand evaluate compute proof prove theorem group ring field finite infinite set subset subsets frac sqrt`,
  geometry: `triangle circle square rectangle angle angles radius diameter perpendicular parallel area volume perimeter
    polygon sphere cube cylinder point points line lines plane length sides side vertices vertex diagonal height`,
  probability: `probability random dice die coin coins chance expected permutations combinations arrange arrangements ways
    choose chosen select selected distribution variance standard deviation sample hypothesis`,
  physics: `energy force mass velocity acceleration temperature pressure electric magnetic field charge current voltage
    resistance wave wavelength frequency light heat gas ideal momentum kinetic potential friction circuit lens mirror
    steam air constant torque density volt ohm watts kg cm mm ft lb gm joule`,
  chemistry: `reaction acid base molecule molecules atom atoms ion ions solution equilibrium mole moles molar oxidation
    compound compounds element elements electron electrons bond bonds enthalpy ph concentration organic metal`,
  biology: `cell cells gene genes dna rna protein proteins species organism organisms enzyme enzymes blood tissue muscle
    nerve brain hormone hormones bacteria virus plant plants animal animals evolution membrane`,
  medicine: `patient patients disease treatment symptoms symptom diagnosis drug clinical hospital physician doctor pain
    infection cancer mg examination therapy syndrome history woman man boy girl`,
  law: `court law legal defendant plaintiff contract statute jurisdiction tort liability crime criminal murder guilty
    evidence trial judge jury constitutional amendment rights property owner landowner seller buyer lease deed act`,
  economy: `market demand supply inflation interest bank money tax income gdp economy economic economics firm firms
    price monopoly capital investment bond stock shares dividend accounting asset assets equity rate`,
  humanities: `philosophy philosopher moral morally ethics ethical argument theory according religion god war century
    king empire political government president policy history society culture states`,
  psychology: `behavior behaviour cognitive psychologist therapist personality learning memory emotional anxiety children
    child research study participants client counselor`,
  computing: `algorithm code program programming computer network memory list lists array string strings return returns
    python def tuple tuples elements input output data file java class sort sorted dictionary loop bits byte bytes
    integer node tree graph binary`,
  instructions: `write give find determine calculate compute list name describe explain choose select identify derive prove
    design implement create summarize compare evaluate show state estimate convert translate complete answer`,
  people: `he she his her him they their them you your i my me we our us who`,
  'auxiliary verbs': `is are was were be been being am has have had do does did`,
} as const;

export type WordClass = keyof typeof CLASS_WORDS;
export const WORD_CLASSES = Object.keys(CLASS_WORDS) as readonly WordClass[];

/** Words so frequent that they say nothing about a subject. */
const COMMON_WORDS = `the of and to a in for is on that by this with i you it not or be are from at as your all have new more an
  was we will can us about if my has but our one other do no they he up may what which their out use any there see only so his
  when here who also now get view first been would how were me services some these click its like than find back top people
  had list name just over year day into two n re next used go b work last most buy make them should good well where then much
  those need many through because same own both very good after before such long while between under never off down too during
  each end day home go time know way take could look might come see place made live thing things tell does set put want read
  hand large add even land here must big high such follow act why ask change went kind need house try again animal point mother
  world near build self earth father head stand page country found answer school grow study still learn plant cover food sun
  four thought let keep eye door city tree cross since hard start story saw far sea draw left late run press close night real
  life few stop open seem together white children begin got walk example ease paper often always music book letter until mile
  river car feet care second group carry took rain eat room friend began idea fish mountain north once base hear horse cut sure
  watch color face wood main enough girl usual young ready above ever red though talk bird soon body dog family direct leave
  song measure state product black short class wind question happen complete ship area half rock order fire south problem piece
  told knew pass farm whole king size heard best hour better true hundred am remember step early hold west ground interest reach
  fast five sing listen six table travel less morning ten simple several toward war lay against pattern slow center love person
  money serve appear road map science rule govern pull cold notice voice fall power town fine drive lead cry dark machine note
  wait plan figure star box noun field rest correct able pound done beauty stood contain front teach week final gave green oh
  quick develop sleep warm free minute strong special mind behind clear tail produce fact street inch lot nothing course stay
  wheel full force blue object decide surface deep moon island foot yet busy test record boat common gold possible plane age dry
  wonder laugh thousand ago ran check game shape yes hot miss brought heat snow bed bring sit perhaps fill east weight language
  among three he him her she said went did getting being around another work part made man men woman women old right small every
  water words number without different give three following statement best describes according given called likely type used
  using company amount process result results system form level important cost price sold bought total money dollars`;

/** The classes of words by their places in `WORD_CLASSES`. A frequent word may have none; a rare one is not here. */
export const CLASSES_OF_WORDS: ReadonlyMap<string, readonly number[]> = classify();

function classify(): ReadonlyMap<string, readonly number[]> {
  const classes = new Map<string, readonly number[]>(split(COMMON_WORDS).map((word) => [word, []]));
  for (const [at, name] of WORD_CLASSES.entries()) {
    for (const word of new Set(split(CLASS_WORDS[name]))) classes.set(word, [...(classes.get(word) ?? []), at]);
  }
  return classes;
}

function split(words: string): readonly string[] {
  return words.trim().split(/\s+/);
}
