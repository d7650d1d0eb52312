"""What MkDocs does for the site besides its defaults: formulas, and the language of a page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import formulas
from mathml import HAN
from mkdocs.utils import get_relative_url

CHINESE = ".zh-CN.md"


def formula(source: str, language: str, class_name: str, options: Any, md: Any, **keywords: Any) -> str:
    """A block ```formula of a page."""
    return formulas.html(source)


def on_config(config: Any) -> Any:
    """Let blocks of the language `formula` be formulas."""
    fences = config.mdx_configs.setdefault("pymdownx.superfences", {}).setdefault("custom_fences", [])
    fences.append({"name": "formula", "class": "formula", "format": formula})
    return config


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Join lines of Chinese text, between which a browser would show a blank; link codes of errors."""
    chinese = page.file.src_uri.endswith(CHINESE)
    errors = f"docs/errors{CHINESE if chinese else '.md'}"
    if page.file.src_uri == errors:
        html = re.sub(r'(<h3 id="(c\d+)[^>]*>)', r'\1<span id="\2"></span>', html)
    else:
        address = get_relative_url(files.get_file_from_path(errors).url, page.url)
        link = rf'\1<a href="{address}#c\2">C\2</a>'
        html = re.sub(r"(error |<code>)C(\d{3})\b(?!-)", link, html)
    parts = re.split(r"(<pre.*?</pre>)", html, flags=re.DOTALL)
    parts[::2] = (re.sub(rf"(?<={HAN})\n *(?={HAN})", "", part) for part in parts[::2])
    return "".join(parts)


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    """Words of the interface, and the language that the page declares."""
    config.theme["language"] = "zh" if page.file.src_uri.endswith(CHINESE) else "en"
    return context
