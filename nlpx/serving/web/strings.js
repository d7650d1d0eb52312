// All texts of the page, Chinese and English.

const TEXTS = {
  skip: ["跳到内容", "Skip to the content"],
  switch: ["English", "中文"],
  loading: ["正在连接……", "Connecting…"],
  none: ["服务器没有可用的模型。", "This server has no model."],
  working: ["计算中……", "Working…"],
  step: ["第 {0} 步", "step {0}"],
  try: ["例如", "For example"],

  task_couplet: ["对联", "Couplets"],
  task_segmentation: ["分词", "Words"],
  task_title: ["标题", "Headlines"],
  task_similarity: ["相似句", "Sentences"],
  task_poem: ["诗句", "Verses"],
  task_sentiment: ["情感", "Sentiment"],
  task_vectors: ["词向量", "Word vectors"],
  task_image_classification: ["图像分类", "Images"],
  task_digits: ["数字", "Digits"],
  task_ocr: ["单字识别", "Characters"],
  task_ocr_lines: ["行识别", "Lines"],
  task_linking: ["实体链接", "Entities"],
  task_gan: ["生成", "Samples"],
  task_ode: ["微分方程", "Equations"],

  lead_couplet: ["写出上联，模型对下联。", "Write the upper line; the model gives the lower one."],
  lead_segmentation: ["把句子切成词，并与 jieba 对照。", "Cut sentences into words, next to those of jieba."],
  lead_title: ["读一篇短文，拟几个标题。", "Read a short article and propose headlines."],
  lead_similarity: ["找出意思最接近的句子。", "Find the sentences with the closest meaning."],
  lead_poem: ["按种子、开头作诗，或从一联渐变到另一联。", "Write verses by seed or opening, or move from one to another."],
  lead_sentiment: ["判断评论的态度，并标出影响判断的词。", "Classify a review, and show the words that mattered."],
  lead_vectors: ["查询一个词的近邻。", "Look up the neighbours of a word."],
  lead_image: ["上传一张图片，看最可能的类别。", "Upload an image to see its most probable classes."],
  lead_ocr: ["上传有文字的图片，看识别出的字和位置。", "Upload an image of text to see what is read, and where."],
  lead_linking: ["找出文中的实体，并链接到知识库。", "Find the entities of a text in a knowledge base."],
  lead_plain: ["输入文本，查看模型的输出。", "Enter a text to see what the model gives."],

  lead_generate: ["从随机数生成样本；同一种子结果相同。", "Generate samples; a seed always gives the same ones."],

  upper: ["上联", "Upper line"],
  lower: ["下联", "Lower line"],
  answer: ["对下联", "Give the lower line"],
  another: ["再来一句", "Try another"],
  temperature: ["随机程度", "Temperature"],
  others: ["其他下联（点击换上）", "Other lines (choose one to hang it up)"],
  rule_punctuation: ["标点照抄", "punctuation copied"],
  rule_reuse: ["不用上联的字", "no character of the upper line"],
  rule_repetition: ["同字对同字", "equal below equal"],
  rule_distinct: ["异字对异字", "different below different"],
  kept: ["满足", "kept"],
  broken: ["违反", "broken"],

  sentence: ["句子", "Sentence"],
  cut: ["分词", "Cut"],
  dictionary: ["用户词典", "User dictionary"],
  dictionary_help: ["每行一个词和倍数，如：微信号 10。倍数大于 1 更容易成词，小于 1 更容易切开。", "One word with a factor a line, such as 微信号 10. Above 1 it is kept together, below 1 it is split."],
  dictionary_line: ["词典第 {0} 行：应为“词 倍数”，如：微信号 10", "Line {0} of the dictionary: expected a word and a factor, as in 微信号 10"],
  model: ["模型", "Model"],
  same_cut: ["两种切分相同。", "Both cut it in the same way."],
  other_cut: ["下划线：与 jieba 不同的词。", "Underlined: words that jieba cuts otherwise."],

  article: ["正文", "Article"],
  headline: ["拟标题", "Write a headline"],
  candidates: ["候选标题，条越长越可能", "Candidates; longer bars are more probable"],
  more_headlines: ["换一批", "Other candidates"],
  attention: ["指向标题里的字，看它关注正文的哪里；颜色越深，关注越多。", "Point at a character of the headline to see what it attends to; darker is more."],
  per_character: ["每字 −log p", "−log p per character"],

  question: ["查询", "Query"],
  search: ["查找", "Search"],
  where: ["在哪里找", "Where to search"],
  in_corpus: ["训练语料", "The training sentences"],
  in_lines: ["粘贴的句子", "Pasted lines"],
  lines: ["每行一句，最多 200 行", "One sentence a line, at most 200"],
  no_lines: ["请先粘贴一些句子。", "Paste some lines first."],
  too_many_lines: ["共 {0} 行，最多 {1} 行。", "{0} lines; at most {1}."],

  compose: ["作诗", "Write a verse"],
  seed: ["种子", "Seed"],
  next_seed: ["换一首", "Another"],
  opening: ["开头（可不填）", "Opening (optional)"],
  rhyme: ["二四句押韵", "Lines 2 and 4 rhyme"],
  between: ["渐变", "From one to another"],
  between_help: ["写两首 {0} 字的诗，拖动滑块看中间的诗句。两端是模型重写的，可能与原句略有不同。", "Give two verses of {0} characters, and drag the slider between them. The model rewrites the ends, too, so they may differ a little."],
  first: ["起点", "From"],
  last: ["终点", "To"],
  fill: ["用两首新诗", "Two new verses"],
  blend: ["渐变", "Blend"],
  position: ["位置", "Position"],
  verse_unknown: ["训练用的诗句里没有这些字：{0}", "The verses it learned from have no {0}."],
  verse_long: ["共 {0} 字；这个模型的诗有 {1} 字，开头要比它短。", "{0} characters; a verse has {1}, an opening fewer."],
  verse_empty: ["没有可用的字。", "There are no characters to begin with."],
  verse_between: ["起点和终点都要是 {0} 字的诗句。", "Both ends are verses of {0} characters."],

  review: ["评论", "Review"],
  classify: ["判断", "Classify"],
  mattered: ["绿色支持这个判断，红色反对；颜色越深，去掉这个词后概率变化越大。", "Green words speak for the class, red ones against it; without a dark one the probability changes more."],
  without: ["去掉“{0}”：{1}", "Without “{0}”: {1}"],
  empty_class: ["请输入文字。", "Enter some text."],

  word: ["词语", "Words"],
  look_up: ["查询", "Look up"],
  unknown_word: ["词表里没有这个词。", "The vocabulary does not have this word."],
  neighbours: ["“{0}”的近邻（点击继续查询）", "Neighbours of “{0}” (choose one to go there)"],

  choose_image: ["选择图片", "Choose an image"],
  drop_image: ["也可以拖到这里，或直接粘贴", "or drop one here, or paste it"],
  draw: ["手写", "Draw"],
  clear: ["清除", "Clear"],
  recognize: ["识别", "Recognize"],
  too_large: ["图片有 {0} MB，最多 {1} MB。", "The image has {0} MB; at most {1} MB."],
  your_image: ["上传的图片", "The uploaded image"],
  nothing_read: ["没有读出文字。", "No text was found."],
  read: ["读出的文字", "What was read"],

  text: ["文本", "Text"],
  link: ["链接", "Link"],
  no_mentions: ["没有找到实体。", "No entity was found."],
  predict: ["预测", "Predict"],
  generate: ["生成", "Generate"],
  count: ["数量", "Count"],

  token_needed: ["这台服务器需要令牌。", "This server asks for a token."],
  token: ["令牌", "Token"],
  enter: ["进入", "Enter"],
  problem: ["出错了：{0}", "Error: {0}"],
  error_offline: ["连不上服务器。", "The server cannot be reached."],
  error_queue_full: ["服务器繁忙，请 {0} 秒后再试。", "The server is busy; try again in {0} seconds."],
  error_busy: ["服务器繁忙，请稍后再试。", "The server is busy; try again later."],
  error_deadline_exceeded: ["等待太久，请稍后再试。", "The request waited too long; try again later."],
  error_timeout: ["计算超时，请缩短输入。", "It took too long; shorten the input."],
  error_text_too_long: ["文本太长，最多 {1} 字。", "The text is too long; at most {1} characters."],
  error_too_many_rows: ["内容太多，请缩短。", "That is too much at once; shorten it."],
  error_body_too_large: ["内容太大。", "The request is too large."],
  error_image_too_large: ["图片的像素太多，请缩小。", "The image has too many pixels; make it smaller."],
  error_internal_error: ["模型处理这条输入时出错。", "The model failed for this input."],
};

const KEY = "nlpx.language";
let language = stored() === "en" ? 1 : 0;
/** What each element shows, to show it in the other language. */
const said = new WeakMap();

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden
  }
}

/** A text in the current language; {0}, {1}, ... are replaced with the values. */
export function text(key, ...values) {
  const found = TEXTS[key];
  if (!found) throw new Error(`no text ${key}`);
  return found[language].replace(/\{(\d)\}/g, (_, number) => values[number] ?? "");
}

export const has = (key) => key in TEXTS;

/** Set a property of an element to a text, also after the language changes. */
export function say(element, property, keyed) {
  const all = said.get(element) ?? {};
  all[property] = [keyed].flat();
  said.set(element, all);
  element.dataset.t = "";
  element[property] = text(...all[property]);
}

/** Switch to the other language. */
export function switchLanguage() {
  language = 1 - language;
  try {
    localStorage.setItem(KEY, language ? "en" : "zh");
  } catch {
    // it lasts for this visit
  }
  show();
}

/** Show everything in the current language. */
export function show() {
  document.documentElement.lang = language ? "en" : "zh-CN";
  for (const element of document.querySelectorAll("[data-t]")) {
    if (element.dataset.t && !said.has(element)) say(element, "textContent", element.dataset.t);
    for (const [property, keyed] of Object.entries(said.get(element) ?? {})) element[property] = text(...keyed);
  }
}
