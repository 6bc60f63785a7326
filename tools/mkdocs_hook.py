"""What MkDocs makes of the project itself, so that it cannot drift: a hook of ``mkdocs.yml``.

A page that has the line ``<!-- made: NAME -->`` gets there what the function of this name makes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tools"))
import examples  # noqa: E402

CARDS = ROOT / "build" / "site"
SCHEMAS = ("schema.json", "listing.json", "lock.json")
WORKER = {"Send", "Reply", "Failed", "JobRequest", "JobResult", "Open", "Feed", "Listen", "Loaded"}
"""Types of the messages between ``zoo.js`` and its Worker, which no page needs."""


def on_files(files: Any, config: Any) -> Any:
    """Add what the pages link to beside the documentation."""
    added = {name: ROOT / "catalog" / name for name in SCHEMAS} | {"examples.zip": sounds()}
    added |= {f"cards/{path.relative_to(CARDS)}": path for path in cards()}
    for name, path in added.items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in what is made, and let links that hold in the repository hold in the site."""
    made = re.sub(r"<!-- made: (\w+) -->", lambda found: MADE[found[1]](), markdown)
    return made.replace("](../catalog/", "](")


def on_post_page(output: str, page: Any, **_: Any) -> None:
    """Refuse a page that loads anything from another host."""
    loading = r"<(?:script|link|img|iframe|source|video|audio|object)\b[^>]*"
    if found := re.search(rf'{loading}\b(?:src|href|data)="(?:https?:)?//[^"]*', output):
        raise PluginError(f"{page.file.src_uri} would ask another host: {found[0]}")


def cards() -> list[Path]:
    """The files of the cards of all models, as ``make site`` writes them."""
    from zoo.publishing.cards import find, write

    write(find(()), CARDS, None)
    return [path for path in CARDS.rglob("*") if path.is_file()]


def sounds() -> Path:
    """The sounds of the guides, made anew when a program that makes them changes."""
    archive = ROOT / "build" / "examples.zip"
    programs = [path for path in (ROOT / "tools").glob("*.py") if path.name != Path(__file__).name]
    newest = max(path.stat().st_mtime for path in programs)
    if not archive.exists() or archive.stat().st_mtime < newest:
        examples.pack(archive)
    return archive


def changes() -> str:
    """The changelog, with its links to the documentation."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    return text.partition("\n")[2].replace("](docs/", "](")


def commands() -> str:
    """Every command with its arguments and options, from the commands themselves."""
    from zoo import cli

    root = cli._command("")
    titles = {name: title for title, group in cli.GROUPS.items() for name in group}
    lines = [*_options(root)]
    shown = ""
    for name, command in _leaves(root):
        title = titles.get(name, "Catalogs of others")
        if title != shown:
            lines.append(f"## {title}")
        shown = title
        lines += [f"### zoo {name}", *_command(name, command)]
    return "\n\n".join(lines)


def _leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{before}{name} ")
        else:
            yield before + name, command


def _command(name: str, command: Any) -> Iterator[str]:
    context = command.make_context(name, [], resilient_parsing=True)
    yield f"```text\nzoo {name} {' '.join(command.collect_usage_pieces(context))}\n```"
    yield _prose(command.help or "")
    yield from _options(command)
    if command.epilog:
        yield f"Example: `{command.epilog.removeprefix('Example: ')}`"


def _options(command: Any) -> Iterator[str]:
    context = command.context_class(command)
    said = filter(None, (param.get_help_record(context) for param in command.params))
    if rows := dict.fromkeys(said):
        cells = (f"| `{_cell(name)}` | {_cell(_prose(text))} |" for name, text in rows)
        yield "\n".join(["| | |", "|---|---|", *cells])


def _prose(text: str) -> str:
    """Text of the command as Markdown: options are code, nothing else is markup."""
    text = text.replace("\b\n", "").replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[")
    return re.sub(r"(?<![\w`-])(--?[a-z][a-z-]*)", r"`\1`", text)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def javascript() -> str:
    """What ``zoo.js`` exports, from its types."""
    types = (ROOT / "zoo" / "web" / "zoo.d.ts").read_text("utf-8")
    comment = r"/\*\*(?:(?!\*/).)*\*/\n"
    following = r"(?=^(?:/\*\*|export |declare )|\Z)"
    declared = rf"((?:{comment})*)^(?:export |declare )+(\w+) (\w+)(.*?){following}"
    titles = {"function": "Functions", "class": "Classes", "type": "Types"}
    sections: dict[str, list[str]] = {title: [] for title in titles.values()}
    for comments, kind, name, rest in re.findall(declared, types, re.S | re.M):
        if kind in titles and name not in WORKER:
            own = re.findall(comment, comments, re.S)[-1:]
            sections[titles[kind]] += [f"### {name}", *_said(*own), *_code(f"{kind} {name}{rest}")]
    return "\n\n".join(line for title in sections for line in (f"## {title}", *sections[title]))


def _said(comment: str = "") -> Iterator[str]:
    """What a comment says, and then its parameters, results and errors."""
    text = re.sub(r"^ *(?:/\*\*|\*/|\*) ?| *\*/$", "", comment, flags=re.M).strip()
    words, *tags = re.split(r"^@", text, flags=re.M)
    yield words.strip()
    rows = [_tag(tag) for tag in tags if tag.startswith(("param", "returns", "throws"))]
    if rows:
        yield "\n".join(rows)


def _tag(tag: str) -> str:
    kind, typed, said = re.fullmatch(r"(\w+) (\{.*\}|) ?(.*)", " ".join(tag.split())).groups()
    if kind == "param":
        name, _, said = said.partition(" ")
        return f"- `{name.strip('[]')}`: {said.strip() or f'`{typed[1:-1]}`'}"
    return f"- {kind} `{typed[1:-1]}` {said.strip()}".rstrip()


def _code(declaration: str) -> Iterator[str]:
    """A declaration without what is the engine's own."""
    own = r"\n  /\*\*(?:(?!\*/).)*@(?:private|internal)(?:(?!\*/).)*\*/\n[^\n]*;|\n  #private;"
    yield f"```ts\n{re.sub(own, '', declaration, flags=re.S).strip()}\n```"


def models() -> str:
    """All records by their task, each with its card."""
    from zoo.display import size
    from zoo.publishing.cards import find

    tasks: dict[str, list[str]] = {}
    for model in sorted(find(()), key=lambda each: each.id):
        card = f"[`{model.id}`](cards/models/{quote(model.id)}/index.html)"
        bytes_ = size(model.files[0].size) if model.files else "?"
        cells = (card, _cell(model.name), model.kind or "", bytes_, model.license or "?")
        tasks.setdefault(model.task or "other", []).append(f"| {' | '.join(cells)} |")
    head = "| id | name | kind | size | license |\n|---|---|---|---|---|"
    return "\n\n".join("\n".join([f"## {task}\n\n{head}", *tasks[task]]) for task in sorted(tasks))


MADE: dict[str, Callable[[], str]] = {
    made.__name__: made for made in (changes, commands, javascript, models)
}
