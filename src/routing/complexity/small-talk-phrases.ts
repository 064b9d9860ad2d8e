/**
 * Greetings, thanks, farewells and politeness of the most spoken languages. Accents and case do
 * not matter; apostrophes and hyphens divide words. For scripts without spaces each entry is a
 * whole run.
 */

export const GREETINGS: readonly string[] = [
  // English
  ...phrases(`hi, hello, hey, heya, hiya, howdy, yo, greetings, sup, what s up, whats up, wassup, good morning,
    good afternoon, good evening, good day, good night, goodnight, morning, evening, how are you, how are you doing,
    how are you today, how s it going, hows it going, how is it going, how do you do, nice to meet you,
    pleased to meet you, welcome, happy new year, merry christmas, thanks, thank you, thank u, thx, ty, tysm,
    many thanks, cheers, much appreciated, appreciate it, i appreciate it, bye, bye bye, goodbye, good bye, see you,
    see ya, see you later, cya, farewell, take care, have a nice day, have a good day, have a great day, you re welcome,
    no worries, no problem`),
  // Spanish, Portuguese, Italian, French, Romanian, Catalan
  ...phrases(`hola, buenas, buenos dias, buenas tardes, buenas noches, que tal, como estas, como esta, gracias,
    muchas gracias, mil gracias, adios, hasta luego, hasta manana, saludos, ola, oi, bom dia, boa tarde, boa noite,
    tudo bem, tudo bom, obrigado, obrigada, muito obrigado, muito obrigada, tchau, ate logo, ciao, salve, buongiorno,
    buonasera, buonanotte, come stai, come va, grazie, grazie mille, molte grazie, arrivederci, bonjour, bonsoir, salut,
    coucou, bonne nuit, bonne journee, ca va, comment ca va, comment allez vous, merci, merci beaucoup, au revoir,
    a bientot, buna, buna ziua, multumesc, mersi, la revedere, bon dia, gracies, adeu`),
  // German, Dutch, Scandinavian, Finnish
  ...phrases(`hallo, guten morgen, guten tag, guten abend, gute nacht, moin, servus, gruss gott, grusse, wie geht s,
    wie geht es dir, wie geht es ihnen, danke, danke schon, dankeschon, vielen dank, herzlichen dank, tschuss,
    auf wiedersehen, bis bald, goedemorgen, goedemiddag, goedenavond, hoi, hoe gaat het, dank je, dank je wel, dank u,
    dank u wel, bedankt, tot ziens, hej, hejsan, god morgon, tack, tack sa mycket, hei, god morgen, tak, takk, mange tak,
    tusen takk, moi, terve, kiitos`),
  // Polish, Czech, Russian, Ukrainian, Greek, Hungarian
  ...phrases(`czesc, siema, dzien dobry, dobry wieczor, dobranoc, jak sie masz, dziekuje, dziekuje bardzo, dzieki, witam, witam serdecznie, do widzenia, ahoj,
    dobry den, dekuji, diky, привет, здравствуйте, здравствуй, добрый день, доброе утро, добрый вечер,
    как дела, спасибо, большое спасибо, спасибо большое, пока, до свидания, привіт, вітаю, добрий день, доброго дня,
    дякую, щиро дякую, до побачення, γεια, γεια σου, γεια σας, καλημερα, καλησπερα, ευχαριστω, szia, jo napot, koszonom`),
  // Turkish, Indonesian, Malay, Vietnamese, Tagalog, Swahili, Hausa
  ...phrases(`merhaba, selam, gunaydın, gunaydin, iyi gunler, iyi aksamlar, nasılsın, nasilsin, tesekkurler,
    tesekkur ederim, sagol, gorusuruz, halo, hai, selamat pagi, selamat siang, selamat sore, selamat malam, apa kabar,
    terima kasih, makasih, sampai jumpa, xin chao, chao ban, cam on, cam on ban, tam biet, kamusta, kumusta,
    magandang umaga, magandang hapon, magandang gabi, salamat, maraming salamat, jambo, habari, habari yako, mambo, asante,
    asante sana, kwaheri, sannu, ina kwana, na gode`),
  // Arabic, Persian, Urdu, Hebrew
  ...phrases(`مرحبا, اهلا, اهلا وسهلا, السلام عليكم, سلام عليكم, صباح الخير, مساء الخير, كيف حالك, شكرا, شكرا جزيلا,
    مع السلامة, سلام, درود, صبح بخير, حال شما چطور است, ممنون, متشكرم, متشکرم, مرسی, خداحافظ, ہیلو, السلام علیکم,
    شکریہ, بہت شکریہ, خدا حافظ, آپ کیسے ہیں, שלום, היי, בוקר טוב, ערב טוב, מה נשמע, תודה, תודה רבה, להתראות`),
  // Hindi, Marathi, Bengali, Punjabi, Gujarati, Tamil, Telugu
  ...phrases(`नमस्ते, नमस्कार, हैलो, हेलो, सुप्रभात, आप कैसे हैं, कैसे हो, धन्यवाद, बहुत धन्यवाद, शुक्रिया, अलविदा, आभारी आहे,
    namaste, dhanyavad, shukriya, হ্যালো, নমস্কার, আসসালামু আলাইকুম, সুপ্রভাত, শুভ সকাল, শুভ রাত্রি, কেমন আছো, কেমন আছেন, ধন্যবাদ, অনেক ধন্যবাদ,
    বিদায়, ਸਤ ਸ੍ਰੀ ਅਕਾਲ, ਧੰਨਵਾਦ, નમસ્તે, આભાર, வணக்கம், நன்றி, மிக்க நன்றி, నమస్కారం, హలో, ధన్యవాదాలు`),
  // Chinese, Cantonese, Japanese, Korean, Thai
  ...phrases(`你好, 您好, 你好啊, 你好呀, 嗨, 哈喽, 哈罗, 大家好, 早上好, 早安, 早, 下午好, 晚上好, 晚安, 你好吗, 您好吗, 在吗, 请问在吗, 谢谢, 谢谢你, 谢谢您, 多谢,
    非常感谢, 感谢, 再见, 拜拜, 謝謝, 多謝, 再見, 唔該, こんにちは, こんばんは, おはよう, おはようございます, おやすみ, おやすみなさい, はじめまして,
    もしもし, やあ, ありがとう, ありがとうございます, ありがとうございました, どうも, どうもありがとう, どうもありがとうございます, お疲れ様です, さようなら,
    またね, お元気ですか, 안녕, 안녕하세요, 안녕하십니까, 반가워요, 반갑습니다, 좋은 아침, 잘 지내, 고마워, 고마워요, 고맙습니다, 감사합니다,
    감사해요, 안녕히 가세요, สวัสดี, สวัสดีครับ, สวัสดีค่ะ, ขอบคุณ, ขอบคุณครับ, ขอบคุณค่ะ, ขอบคุณมาก, ลาก่อน`),
  // More of the most spoken languages: Hindi, Arabic, Marathi, Telugu, Tamil, Turkish, Javanese, Kannada, Amharic and others
  ...phrases(`शुभ रात्रि, शुभ प्रभात, प्रणाम, राम राम, اهلين, مرحبتين, السلام عليكم ورحمة الله, صباح النور, يسعد صباحك, آداب, شب بخیر, روز بخیر,
    शुभ सकाळ, शुभ रात्री, कसे आहात, శుభోదయం, ధన్యవాదములు, எப்படி இருக்கிறீர்கள், காலை வணக்கம், ஹலோ, மிகவும் நன்றி, sag ol, sagolun,
    صبح بخیر, selamlar, chao, chao buoi sang, 早晨, 午安, 你好嗎, 谢谢你的帮助, 谢谢大家, 수고하세요, 수고하셨습니다, sugeng enjing, matur nuwun, ನಮಸ್ಕಾರ, ಧನ್ಯವಾದಗಳು,
    ሰላም, አመሰግናለሁ, paalam, doei, dag, habari za asubuhi, shikamoo, barka da safiya`),
];

/** Yes, no, ok and the like: trivial on their own, but in a conversation they answer something. */
export const ACKNOWLEDGEMENTS: readonly string[] = phrases(`ok, okay, k, kk, yes, yes please, yep,
  please do, go on, go ahead, continue,  yeah, yup, sure, fine, no, nope,
  nah, cool, great, nice, awesome, perfect, good, got it, understood, i see, makes sense, alright, all right, right, done,
  lol, haha, hahaha, wow, test, testing, ping, hm, hmm, si, vale, claro, bueno, sim, certo, va bene, d accord, oui, non, ja,
  nein, genau, alles klar, gut, nee, tak, nie, dobrze, да, нет, ок, хорошо, понятно, ясно, так, ні, добре, evet, hayır,
  hayir, tamam, ya, tidak, oke, baik, vang, duoc, oo, sawa, ndiyo, نعم, لا, حسنا, تمام, بله, نه, ہاں, نہیں, כן, לא, बस,
  हाँ, नहीं, ठीक है, হ্যাঁ, না, ঠিক আছে, ஆம், సరే, 好, 好的, 是, 是的, 不, 不是, 嗯, 可以, 行, 明白, 明白了, 知道了, はい, いいえ, うん,
  了解, 了解です, わかりました, 네, 예, 아니요, 응, 알겠습니다, 알겠어요, 좋아요, ใช่, ไม่, ครับ, ค่ะ, โอเค,
  sounds good, đuoc, đong y, that works, will do, 没问题, 收到, 没事, 可以的, 好吧, 係, 唔係, 得, 冇問題, अच्छा, जी हाँ, जी नहीं, जी, सही, de acuerdo, perfecto,
  entendido, esta bien, listo, genial, parfait, c est bon, tres bien, entendu, compris, super, طيب, ممتاز, حاضر, ماشي, موافق, আচ্ছা, জি,
  nao, entendi, beleza, valeu, perfeito, combinado, ладно, отлично, окей, ага, ясненько, супер, جی ہاں, جی, ٹھیک ہے, ٹھیک, اچھا, siap, mantap,
  sip, iya, bukan, verstanden, passt, in ordnung, klar, オッケー, オーケー, なるほど, そうですね, how far, how you dey, wetin dey, abeg, thank you o,
  e don do, oya, no wahala, good morning o, na so, हो, होय, नाही, नको, ठीक आहे, ठीक, बरं, बरे, అవును, కాదు, లేదు, బాగుంది, anladim, anladım, peki, oldu,
  elbette, ஆமாம், இல்லை, சரி, ঠিক, khong, da, dong y, u, dung, 오케이, 그래, 그래요, 맞아요, 아니, perfetto, capito, ottimo, certo, sige, opo, hindi po,
  باشه, خوبه, آره, چشم, hapana, poa, jasne, rozumiem, swietnie, prima, begrepen, goed, ਹਾਂ, ਠੀਕ ਹੈ, હા, સારું, ٹھیک ہے جی`);

/** Those that set off what was offered or begun, whatever thanks stand beside them. */
export const GO_AHEADS: readonly string[] =
  phrases(`yes, yep, yeah, yup, sure, please do, go on, go ahead, continue, sounds good,
  si, claro, sim, oui, ja, да, evet, iya, vang, نعم, بله, آره, ہاں, हाँ, हो, হ্যাঁ, 是, 是的, はい, うん, 네, 예, 응, ใช่, כן, sige, ndiyo`);

/** Words that may stand around small talk without making it a question. */
export const FILLERS: readonly string[] =
  phrases(`there, all, everyone, everybody, team, friend, friends, my, dear, bot,
  assistant, claude, chatgpt, gpt, gemini, llama, sir, madam, guys, folks, mate, man, again, so, very, much, a, lot, lots,
  really, for, your, the, help, that, it, this, to, you, and, oh, well, today, now, buddy, world, amigo, amiga, alle, zusammen, leute, tout, le, monde, tutti, mucho, por, todo, todos, pour, beaucoup, fur, die, hilfe, sehr, за, помощь`);

/** Ways to ask for something politely; the question is the same without them. */
export const POLITE_PHRASES: readonly string[] =
  phrases(`please, pls, plz, kindly, can you, could you, would you, will you,
  can u, could u, can you please, could you please, would you please, can you kindly, would you mind, do you mind,
  would you be able to, are you able to, can you help me, could you help me, can you help me to, could you help me to,
  help me, help me to, i would like you to, i d like you to, i want you to, i need you to, i would like to ask you to,
  can you tell me, could you tell me, please tell me, tell me, i was wondering if you could, i wonder if you could,
  excuse me, sorry, ok, okay, so, well, por favor, puedes, podrias, me puedes, me podrias, voce pode, voce poderia,
  pode, poderia, per favore, puoi, potresti, s il vous plait, s il te plait, pouvez vous, peux tu, pourriez vous,
  bitte, kannst du, konnen sie, konntest du, konnten sie, kannst du mir, konnen sie mir, alsjeblieft, kun je, kunt u,
  прошу, пожалуйста, можешь, можете, не могли бы вы, будь ласка, prosze, czy mozesz, lutfen, tolong, bisakah kamu,
  vui long, lam on, من فضلك, هل يمكنك, لطفا, براہ کرم, कृपया, क्या आप, অনুগ্রহ করে, 请, 請, 请问, 麻烦你, すみません, 부탁해요,
  กรุณา, ช่วย`);

/** Politeness at the end of a question. */
export const TRAILING_POLITENESS: readonly string[] =
  phrases(`please, pls, plz, thanks in advance, thank you in advance,
  many thanks in advance, por favor, gracias de antemano, per favore, s il vous plait, s il te plait, merci d avance, bitte,
  danke im voraus, alsjeblieft, alvast bedankt, пожалуйста, заранее спасибо, prosze, z gory dziekuje, lutfen, ya, kindly,
  من فضلك, لطفا, お願いします, よろしくお願いします, 부탁합니다, 부탁해요, 부탁드립니다, ครับ, ค่ะ`);

function phrases(list: string): readonly string[] {
  return list.split(',').map((phrase) => phrase.trim().replace(/\s+/g, ' '));
}
