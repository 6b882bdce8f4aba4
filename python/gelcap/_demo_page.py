"""The demo's HTML page: table, pictures, chart and sources in one file that needs nothing else."""

import base64
import html
import math
import platform
import struct
import zlib

TARGETS = ("native", "wasm")


def write(folder, results, images, sources, summary):
    """Write the pictures and ``index.html`` into the folder; returns the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = []
    for name, caption, before, after in images:
        pair = {}
        for when, image in (("before", before), ("after", after)):
            data = png(image)
            (folder / f"{name}-{when}.png").write_bytes(data)
            pair[when] = "data:image/png;base64," + base64.b64encode(data).decode()
        shown.append((name, caption, pair))
    drawn = chart(results)
    (folder / "timing.svg").write_text(drawn.replace("<svg ", f"<svg {_SVG_COLORS} ", 1), encoding="utf-8")
    page = folder / "index.html"
    page.write_text(_page(results, shown, drawn, sources, summary), encoding="utf-8")
    return page


def png(image):
    """A picture of values from 0 to 1 in the colors of the page, as the bytes of a PNG file."""
    import numpy as np

    stops = np.array([[13, 17, 54], [44, 64, 140], [38, 130, 142], [120, 198, 121], [253, 245, 191]], dtype=float)
    at = np.clip(image, 0.0, 1.0) * (len(stops) - 1)
    low = np.minimum(at.astype(int), len(stops) - 2)
    share = (at - low)[..., None]
    pixels = (stops[low] * (1 - share) + stops[low + 1] * share).round().astype(np.uint8)
    height, width = pixels.shape[:2]
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1).tobytes()

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


def chart(results):
    """How many times faster than plain CPython each example is, as bars on a logarithmic axis: SVG."""
    rows = [r for r in results if not r.by_numpy]
    speed = {t: [r.times["CPython"] / r.times[t] if t in r.times else None for r in rows] for t in TARGETS}
    known = [s for values in speed.values() for s in values if s]
    top = max(1, math.ceil(math.log10(max(known, default=10.0))))
    low = min(0.0, math.floor(math.log10(min(known, default=1.0)) * 2) / 2)
    left, width, step = 300, 560, 30
    height = 44 + step * len(rows)

    def x(speedup):
        return left + width * (math.log10(speedup) - low) / (top - low)

    parts = [f'<svg viewBox="0 0 {left + width + 90} {height}" xmlns="http://www.w3.org/2000/svg" role="img" '
             f'aria-label="Times faster than plain CPython" font-size="12" font-family="system-ui, sans-serif">']
    for power in range(math.ceil(low), top + 1):
        at = x(10**power)
        parts.append(f'<line x1="{at:.1f}" y1="24" x2="{at:.1f}" y2="{height - 8}" stroke="var(--grid)"/>'
                     f'<text x="{at:.1f}" y="16" text-anchor="middle" fill="var(--muted)">{10**power:,}x</text>')
    for i, row in enumerate(rows):
        y = 32 + i * step
        parts.append(f'<text x="{left - 10}" y="{y + 14}" text-anchor="end" fill="var(--text)">{html.escape(row.name)}</text>')
        for k, target in enumerate(TARGETS):
            value = speed[target][i]
            if value is None:
                continue
            begin, end = sorted((x(1.0), x(value)))
            parts.append(f'<rect x="{begin:.1f}" y="{y + 10 * k}" width="{max(end - begin, 1):.1f}" height="9" rx="2" '
                         f'fill="var(--{target})"><title>{html.escape(row.name)}, {target}: {value:.3g} times</title></rect>'
                         f'<text x="{max(x(value), x(1.0)) + 5:.1f}" y="{y + 8 + 10 * k}" font-size="10" '
                         f'fill="var(--muted)">{_times(value)}</text>')
    return "".join(parts) + "</svg>"


def _times(value):
    return f"{value:,.0f}x" if value >= 10 else f"{value:.2g}x"


def seconds(value):
    """A time for people."""
    if value is None:
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if value * scale >= 1.0:
            return f"{value * scale:.3g} {unit}"
    return f"{value * 1e9:.0f} ns"


def _page(results, images, drawn, sources, summary):
    rows = []
    for r in results:
        mark = "ok" if r.ok else "bad"
        note = f"<sup>{r.note_number}</sup>" if r.note_number else ""
        star = "*" if r.by_numpy else ""
        cells = f"<td>{seconds(r.times.get('CPython'))}{star}</td>"
        cells += "".join(f"<td>{seconds(r.times.get(t))}</td>" for t in TARGETS)
        ratios = "".join(f"<td>{_times(r.times['CPython'] / r.times[t]) if t in r.times else '-'}</td>" for t in TARGETS)
        rows.append(f'<tr><th scope="row">{html.escape(r.name)}</th><td class="{mark}">{html.escape(r.shown)}{note}</td>'
                    f"{cells}{ratios}<td>{r.compile_ms:.2f} ms</td></tr>")
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in summary["notes"])
    figures = "".join(
        f'<figure><div class="pair"><img src="{pair["before"]}" alt="{name}: before"><span>&rarr;</span>'
        f'<img src="{pair["after"]}" alt="{name}: after"></div><figcaption><b>{name}</b> {html.escape(caption)}</figcaption></figure>'
        for name, caption, pair in images
    )
    listings = "".join(f"<details><summary>{html.escape(name)}</summary><pre><code>{html.escape(text)}</code></pre></details>"
                       for name, text in sources)
    verdict = "ok" if summary["failures"] == 0 else "bad"
    return _HTML.format(
        css=_CSS, verdict=html.escape(summary["verdict"]), mark=verdict, machine=html.escape(platform.platform()),
        versions=html.escape(summary["versions"]), count=len(results), rows="".join(rows), notes=notes, figures=figures,
        chart=drawn, listings=listings, fastest=_times(summary["fastest"]), seconds=f"{summary['seconds']:.0f} s",
    )


_SVG_COLORS = 'style="--text:#1c2333;--muted:#5d6880;--grid:#dde2ec;--native:#2c5fd0;--wasm:#1d9a83;background:#fff"'

_CSS = """
:root { color-scheme: light dark; --page:#f6f7fb; --card:#fff; --text:#1c2333; --muted:#5d6880; --grid:#dde2ec;
  --native:#2c5fd0; --wasm:#1d9a83; --ok:#12764f; --bad:#b3261e; }
@media (prefers-color-scheme: dark) { :root { --page:#0f1320; --card:#181e30; --text:#e7eaf3; --muted:#98a3bd;
  --grid:#2b3450; --native:#7ba2ff; --wasm:#4fd0b5; --ok:#5fd3a3; --bad:#ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 30px; margin: 0 0 6px; } h2 { font-size: 19px; margin: 40px 0 12px; }
.lead { color: var(--muted); margin: 0 0 22px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 14px; }
.card, figure, details, .scroll { background: var(--card); border: 1px solid var(--grid); border-radius: 12px; }
.card { padding: 14px 18px; } .card b { display: block; font-size: 22px; } .card span { color: var(--muted); }
.ok { color: var(--ok); } .bad { color: var(--bad); font-weight: 600; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 12px; text-align: right; white-space: nowrap; border-top: 1px solid var(--grid); font-weight: 400; }
thead th { border-top: 0; color: var(--muted); font-size: 13px; } th:first-child, td.ok, td.bad { text-align: left; }
sup { line-height: 0; } ol { color: var(--muted); padding-left: 20px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 16px; }
figure { margin: 0; padding: 14px; } .pair { display: flex; align-items: center; gap: 10px; color: var(--muted); }
.pair img { width: calc(50% - 18px); border-radius: 8px; display: block; }
figcaption { margin-top: 10px; color: var(--muted); font-size: 14px; } figcaption b { color: var(--text); }
.chart { padding: 16px; } .key { display: flex; gap: 18px; color: var(--muted); font-size: 13px; margin: 0 0 8px; }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
svg { width: 100%; height: auto; display: block; }
details { padding: 10px 16px; margin-bottom: 10px; } summary { cursor: pointer; font-family: ui-monospace, monospace; }
pre { overflow-x: auto; font: 13px/1.5 ui-monospace, monospace; margin: 10px 0 4px; }
"""

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>gelcap demo</title><style>{css}</style></head><body><main>
<h1>gelcap demo</h1>
<p class="lead">The examples of three documents, compiled and checked against plain CPython. {versions}; {machine}.</p>
<div class="cards">
<div class="card"><b class="{mark}">{verdict}</b><span>of {count} examples, on every target that has a time below</span></div>
<div class="card"><b>{fastest}</b><span>the most that native code gains</span></div>
<div class="card"><b>{seconds}</b><span>for all of it, references included</span></div>
</div>
<h2>Pictures</h2><div class="figures">{figures}</div>
<h2>Answers and times</h2>
<div class="scroll"><table><thead><tr><th>example</th><th style="text-align:left">answer</th><th>reference</th><th>native</th>
<th>wasm</th><th>native gains</th><th>wasm gains</th><th>compiled in</th></tr></thead><tbody>{rows}</tbody></table></div>
<ol>{notes}</ol><p class="lead">* the time of the formulation in NumPy, not of plain CPython</p>
<h2>How many times faster than plain CPython</h2>
<div class="card chart"><p class="key"><span><i style="background:var(--native)"></i>native</span>
<span><i style="background:var(--wasm)"></i>wasm under wasmtime</span></p>{chart}</div>
<h2>Sources</h2>{listings}
</main></body></html>
"""
