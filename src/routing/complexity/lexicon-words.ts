/** What a word says about a request. `ease` lowers the score, the others raise it. */
export type LexiconGroup = 'task' | 'depth' | 'scale' | 'subject' | 'ease';

/**
 * Points by word. `stem*` matches a word that begins so, a bare entry the whole word, two words a
 * pair in this order. Accents and case do not matter. In scripts without spaces an entry is looked
 * for inside the run.
 */
export const LEXICON_WORDS: readonly (readonly [LexiconGroup, points: number, words: string])[] = [
  // What is to be done. Prove is harder than design, design than compare, compare than explain.
  [
    'task',
    0.55,
    `prove, proof, proofs, proving, disprove, demuestra*, demostrar, demontre*, beweis*, dimostra*, доказ*, докаж*,
    kanitla*, buktikan, 证明, 證明, 証明, 증명*, اثبت, सिद्ध`,
  ],
  [
    'task',
    0.4,
    `architect a, architect an, architecting, derive, derivation, deriving, formalize, formalise, optimiz*, optimise*, optimisa*, optimising, optimier*,
    ottimizz*, otimiz*, diagnos*, reverse engineer*, root cause, threat model*, redesign*, rearchitect*, оптимиз*, 优化, 優化, 最適化, 최적화*`,
  ],
  [
    'task',
    0.36,
    `design, designing, diseña*, disena*, entwirf, entwerfen, entwickle, entwickeln, concois, concevoir, progetta*, projete, ontwerp*,
    zaprojektuj*, спроектир*, разработ*, tasarla*, rancang*, 设计, 設計, 설계*, صمم, analys*, analyz*, analis*, analiz*,
    анализ*, проанализ*, 分析, 분석*, حلل, विश्लेषण, evaluat*, assess, assessing, assessment, critiqu*, refactor*, implement*,
    strateg*, simulat*, debug*, troubleshoot*, audit, audits, auditing, investigat*, negotiat*, forecast*, реализ*, implementa, 实现, 実装, 구현*`,
  ],
  [
    'task',
    0.25,
    `compar*, contrast*, vergleich*, сравн*, porown*, karsilastir*, bandingkan, vergelijk*, 比较, 比較, 비교*, قارن, तुलना,
    versus, vs, pros cons, develop, developing, argue, tutorial, whitepaper, thesis, dissertation, business plan, solve, solving, resuelve*,
    resolver, решить, реши, 解决, 求解, 解く`,
  ],
  [
    'task',
    0.2,
    `explain*, explan*, expliq*, explica*, erklar*, erlauter*, spieg*, verklaar, leg uit, wyjasnij, объясн*, поясн*, acikla*,
    jelaskan, giai thich, 解释, 解釋, 説明, 설명*, اشرح, समझा*, ব্যাখ্যা, อธิบาย, توضیح, describe, description, describ*,
    beschreib*, decri*, descriv*, опиш*, 描述, discuss*, fix, fixing, interpret*, recommend*, advice, advise, guidance, consultation, teach, calculate, compute,
    berechn*, calcul*, вычисл*, рассчита*, 计算, 計算, 계산*, consider, migrat*, relationship, impact*, implications, consequences`,
  ],
  [
    'task',
    0.12,
    `write, writing, draft, compose, create, generate, escrib*, escreva, schreib*, ecris, ecrire, redige*, scriv*, schrijf,
    napisz, напиш*, yaz, tulis*, viet, 写, 寫, 書いて, 작성*, اكتب, लिख*, summar*, resum*, zusammenfass*, fasse, riassum*, samenvat*,
    ozetle*, podsumuj*, stresc*, ringkas*, tom tat, підсумуй, обобщи, резюмируй, لخص, सारांश, সারাংশ, สรุป, 总结, 總結, 概括, 摘要, 要約, まとめて,
    요약*, outline, suggest*, brainstorm, rewrite, improve, build, code, script, program, story, poem, email, letter, article, essay,
    report, plan, planning`,
  ],
  ['task', 0.15, `difference*, differ, differs, diferencia*, unterschied*, differenz*, разниц*, 区别, 違い, 차이*`],
  [
    'task',
    0.06,
    `convert*, list, translate, classify, extract, format, rephrase, proofread, korrigier*, corrige, corrigez, corrija, correggi, corrigeer,
    popraw, исправь, исправьте, виправ, duzelt, perbaiki, 修正, 订正, 校对, 訂正, 添削, 교정*, صحح, ubersetze, ubersetzen, traduis, traduisez, traduce,
    traduzca, traduza, traduci, vertaal, tlumacz*, przetlumacz*, переведи, переведите, переклади, cevir, terjemahkan, dich sang, 翻译, 翻譯,
    翻訳, 번역*, ترجم, अनुवाद, অনুবাদ, แปล`,
  ],
  // How well it has to be done.
  ['depth', 0.32, `rigor*, formally, formal proof, formal verification, строг*, first principles, 严格, 厳密`],
  [
    'depth',
    0.45,
    `expert, experts, expertise, phd, graduate level, experto, experte, experten, эксперт*, 专家, 専門家, 전문가`,
  ],
  [
    'depth',
    0.2,
    `comprehensive*, thorough*, in depth, exhaustive*, advanced, detailliert*, ausfuhrlich*, подробн*, 详细, 詳細,
    詳しく, 상세*, 자세*, state art, graduate, nuanced, sophisticated, critically`,
  ],
  [
    'depth',
    0.16,
    `detail, details, detailed, detall*, detaill*, dettagli*, detalh*, step step, complex, complexity, optimal*, justify, justif*,
    trade off*, tradeoff*, deeply, professional, research, novel, precise, precisely, edge cases, best practices,
    from scratch`,
  ],
  // Under what load and risk it has to work.
  [
    'scale',
    0.28,
    `high traffic, high availability, high throughput, high frequency, low latency, millions orders, large scale, at scale, distributed,
    fault toleran*, zero downtime, consensus, mission critical, alto trafico, alta disponibilidad, hohe last, hochverfugbar*, fort trafic, haute disponibilite,
    alto traffico, высоконагруж*, million users, millions users, verteilt*, distribuid*, распредел*, 高并发,
    分布式, 分散, 분산*`,
  ],
  [
    'scale',
    0.18,
    `scalab*, scaling, skalier*, escalab*, concurren*, per second, throughput, sharding, replication, multi region, multi tenant,
    eventual consistency, strong consistency, exactly once, real time, petabyte*, terabyte*, billions`,
  ],
  [
    'scale',
    0.1,
    `enterprise*, production, latency, million*, compliance, hipaa, gdpr, pci, regulat*, security, secure, encrypt*,
    microservice*, kubernetes, performance, legacy, infrastructure, architecture, architectur*, architekt*, arquitect*,
    архитектур*, 架构, アーキテクチャ, 아키텍처`,
  ],
  // What it is about: subjects where cheap models fail more often.
  [
    'subject',
    0.1,
    `algorithm*, algoritm*, алгоритм*, 算法, アルゴリズム, 알고리즘*, theorem*, lemma, conjecture, eigen*, differential, polynomial*,
    topolog*, stochastic, bayesian, asymptotic*, quantum, thermodynam*, relativity, crypto*, compiler*, kernel, deadlock*,
    race condition*, memory leak*, neural, transformer*, gradient*, reinforcement, machine learning, genom*, pharmaco*,
    patholog*, differential diagnosis, jurisdiction*, liabilit*, epistemolog*, macroeconom*, econometr*, derivatives,
    time complexity, irrational, invariant*`,
  ],
  [
    'subject',
    0.06,
    `database*, datenbank*, bases datos, base datos, баз, 数据库, データベース, 데이터베이스*, query, queries, sql, postgres*, mysql,
    index, indexes, schema, python, javascript, typescript, java, rust, golang, react, vue, angular, api, apis, server*,
    docker, linux, regex*, function, functions, funcion, funktion, funzione, функци*, 函数, 関数, 함수*, class, recursi*,
    async*, cache, caching, thread*, network*, tcp, udp, http, protocol*, statistic*, probabil*, вероятност*, 概率, integral*,
    derivative*, matrix, matrices, equation*, gleichung*, ecuacion*, уравнени*, 方程, molecul*, enzyme*, protein*, clinical,
    dosage, legal, contract*, statut*, tax, taxes, econom*, inflation, portfolio*, philosoph*, ethic*, physics, chemistry,
    biolog*, calculus, algebra, geometr*`,
  ],
  // What makes it lighter than it looks.
  [
    'ease',
    0.12,
    `brief, briefly, quickly, quick, one sentence, one word, single word, short answer, yes no, true false, simply, simple,
    define, definition, synonym*, antonym*, spell, translat*, traduc*, ubersetz*, traduis*, переве*, capital,
    capitale, hauptstadt, столиц*, 首都, 수도, kurz, breve, brevemente, bref, кратко, 简短, 簡単`,
  ],
];
