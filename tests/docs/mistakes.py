"""A mistake for every error code, and what `nlpx check` prints about it; `python -m tests.docs.mistakes` updates docs/errors.md."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from tests.docs.pages import ROOT

PAGES = ("docs/errors.md", "docs/errors.zh-CN.md")
FILE = "mine.yaml"
FENCE = "```text\n"
SEGMENTED = "task: segmentation\ndata:\n  source:\n    type: segmented_text\n    train: train.txt\n"
FILES: dict[str, str | bytes] = {
    "plugin.py": (ROOT / "docs" / "plugins" / "squeeze.py").read_bytes(),  # without the file of its layer
    "train.txt": "春风 来 了\n",
    "valid.txt": "秋月 明\n",
    "words.tsv": "尚未\t1.5\n和尚\tmuch\n",
    "vectors.txt": "1 3\n春 0.1 0.2 0.3\n",
}
"""Files next to the config."""
CONFIGS: dict[str, str | bytes] = {
    "C002": "task: couplet  # 对联\n".encode("gb18030"),
    "C003": "- couplet\n",
    "C004": "task: couplet\ntrain: {epochs: 3\n",
    "C005": "task: couplet\ntrain:\n\tepochs: 3\n",
    "C006": "task: couplet\nseed: 1\nseed: 2\n",
    "C007": "task: couplet\nseed: !!int 3\n",
    "C008": "task: couplet\ntags: " + "[" * 70 + "\n",
    "C009": "extends: train.yaml\n",
    "C010": "task: couplet\nvars: {size: 64}\ntrain: {batch_size: '${vars.sise}'}\n",
    "C011": "task: couplet\n",
    "C012": "task: couplet\ninclude: [plugins.py]\n",
    "C013": "task: couplet\nmodel: {encoder: [squeeze_excite]}\n",
    "C014": "format: 99\ntask: couplet\n",
    "C101": "task: couplet\ntrain: {epoch: 3}\n",
    "C102": "task: couplet\ndata: {source: {type: pairs}}\n",
    "C103": "task: couplet\ntrain: {epochs: many}\n",
    "C104": "task: couplet\ndata: {on_bad_line: stop}\n",
    "C105": "task: couplet\ntrain: {epochs: 0}\n",
    "C106": "task: couplet\nmetrics: [nll, blue]\n",
    "C107": "task: couplet\nmodel: {encoder: []}\n",
    "C108": "task: couplet\ncheckpoint: {monitor: nll}\n",
    "C109": "task: couplet\nloss: {type: sum, losses: [{loss: cross_entropy, weight: 0}]}\n",
    "C201": "task: couplet\nmodel: {head: crf}\n",
    "C202": "task: segmentation\ndecode: argmax\n",
    "C203": "task: segmentation\nmetrics: [word_f1, bleu]\n",
    "C204": "task: couplet\ndata: {source: {type: builtin, name: segmentation}}\n",
    "C205": "task: couplet\nmetrics: [nll, bleu]\n",
    "C206": SEGMENTED + "    valid: vaild.txt\n",
    "C207": "task: couplet\ncheckpoint: {monitor: valid/bleu}\n",
    "C208": "task: couplet\ncheckpoint: {mode: max}\n",
    "C209": "task: couplet\ntrain: {buckets: [8, 12]}\n",
    "C210": "task: couplet\nmetrics: [nll, distinct, {type: nll}]\n",
    "C211": "task: segmentation\nloss: cross_entropy\nmodel: {head: {type: softmax, tied: true}}\n",
    "C212": "task: couplet\ntrain: {steps: 9}\noptimizer: {type: adam, schedule: {type: linear, warmup_steps: 9}}\n",
    "C213": "task: couplet\nmodel: {encoder: [{type: gated_conv, filters: 64}]}\n",
    "C214": SEGMENTED + "    valid: valid.txt\n    holdout: 3\n",
    "C215": SEGMENTED,
    "C216": "task: couplet\nsamples: [晚风摇树树还挺晚风摇树树还挺晚风摇树]\n",
    "C217": "task: title\nmodel: {pointer: ~}\nloss: {type: sequence_cross_entropy, coverage: 1}\n",
    "C218": "task: similarity\nloss: cosent\n",
    "C220": "task: couplet\ntrain: {epochs: 3, stages: [{epochs: 1}]}\n",
    "C221": "task: segmentation\ndecode: {type: viterbi, dictionary: words.tsv}\n",
    "C222": "task: couplet\nmodel: {embedding: {pretrained: vectors.txt}}\n",
    "C223": "task: couplet\ntricks: [recompute, sam]\n",
    "C224": "task: title\ntricks: [r_drop]\n",
    "C225": "task: couplet\ntricks: [sam]\ntrain: {accumulation: 2}\n",
    "C226": "task: couplet\noptimizer: heun\ntrain: {accumulation: 2}\n",
    "C227": "task: couplet\ntrain: {epochs: 9}\ntricks: [{type: swa, start: 9 epochs}]\n",
    "C301": "config: base.yaml\nspace: {train.epochs: {range: [1, 4]}}\n",
    "C302": "config: base.yaml\nspace: {a: {choice: [1], key: train.epochs, when: {b: 1}}}\n",
    "C303": "config: base.yaml\nspace: {seed: [1, 2]}\n",
    "C304": "config: base.yaml\nsampler: random\nspace: {train.epochs: [1]}\n",
}
"""Code -> a config with that problem; C001 has none."""
OPTIONS = {"C011": ("--set", "train.epochs"), "C013": ("--include", "plugin.py")}
"""Options with which the problem occurs."""
WITHOUT = {"C205": ("metrics", "sacrebleu")}
"""An extra, and a module of it, that has to be missing."""


def printed(code: str, check: Callable[..., str]) -> str:
    """What `nlpx check` prints about the mistake; run in an empty folder, which is shown as /home/me.

    Args:
        code: of the problem.
        check: runs nlpx with these words and returns what it writes to standard error.
    """
    files = {**FILES, "base.yaml": "task: couplet\n"}
    if code in CONFIGS:
        files[FILE] = CONFIGS[code]
    for name, content in files.items():
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    extra, module = WITHOUT.get(code, (None, ""))
    with patch("nlpx.config.machine.missing_modules", lambda name: [module] if name == extra else []):
        lines = check("check", FILE, *OPTIONS.get(code, ())).splitlines()
    first = next(number for number, line in enumerate(lines) if f"error {code}: " in line)
    shown = [lines[first], *(line for line in lines[first + 1 : first + 3] if line.startswith("    "))]
    return "\n".join(line.rstrip() for line in shown).replace(str(Path.cwd()), "/home/me")


def rewritten(page: str, blocks: dict[str, str]) -> str:
    """A page with other output below its headings."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for code, block in blocks.items():
        start = text.index(FENCE, text.index(f"### {code}")) + len(FENCE)
        text = text[:start] + block + text[text.index("\n```\n", start) :]
    return text


def main() -> int:
    from nlpx.cli.main import run
    from nlpx.config.problems import CODES

    def check(*words: str) -> str:
        with redirect_stderr(StringIO()) as err:
            run(list(words))
        return err.getvalue()

    blocks = {}
    for code in CODES:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            blocks[code] = printed(code, check)
            os.chdir(ROOT)
    for page in PAGES:
        (ROOT / page).write_text(rewritten(page, blocks), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
