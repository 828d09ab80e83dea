"""How different the nine looks are: every pair, mean over twelve photographs of four kinds.

Distance: ``_looks``. Nothing can say by number whether a look deserves its name; the floor (own) only
guards against two looks falling together.
"""

from itertools import combinations

from benchmarks.quality._looks import look
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.style_trans import OPTIONS, Params, apply

FLOOR = 0.45
SETS = ("sr/kodak", "portraits", "photos/food", "people")


def measure() -> list[Row]:
    photos = [path for folder in SETS for path in files(folder)[:3]]
    totals = dict.fromkeys(combinations(OPTIONS, 2), 0.0)
    for path in photos:
        picture = read(path)
        looks = {name: look(apply(picture, Params(option=name))) for name in OPTIONS}
        for a, b in totals:
            totals[a, b] += looks[a].distance(looks[b]) / len(photos)
    data = " + ".join(SETS)
    count = len(photos)
    least = min(totals, key=lambda pair: totals[pair])
    rows = [
        Row("style_trans", data, count, f"least: {' - '.join(least)}", totals[least], floor=FLOOR)
    ]
    return rows + [
        Row("style_trans", data, count, f"{a} - {b}", value) for (a, b), value in totals.items()
    ]
