"""Forest, snow and lake: what has firs in it. Each returns the height at which things stand."""

from ml_models.starter.recipe.painter.colours import PURE_WHITE
from ml_models.starter.recipe.painter.pen import gradient
from ml_models.starter.recipe.painter.scenery.view import View
from ml_models.starter.recipe.painter.things.plants import pine


def forest(view: View) -> float:
    """Two rows of firs behind a clearing."""
    r, horizon = view.r, view.horizon
    view.ridge(horizon, 0.05, 5, view.lit((84, 140, 110)))
    for i in range(9):
        x = i / 8 + r.uniform(-0.03, 0.03)
        pine(view.stand(x, horizon + 0.06, r.uniform(0.3, 0.4)), view.lit((70, 128, 96)))
    for i in range(6):
        x = i / 5 + r.uniform(-0.05, 0.05)
        pine(view.stand(x, horizon + 0.13, r.uniform(0.36, 0.5)), view.lit((48, 106, 72)))
    edge = [(-0.1, horizon + 0.12), (0.3, horizon + 0.1), (0.7, horizon + 0.12), (1.1, horizon + 0.1)]
    view.pen.blob([*edge, (1.2, 1.2), (-0.2, 1.2)], view.lit((74, 140, 74)))
    return 0.89


def snow(view: View) -> float:
    """Snowy hills with a few firs while snow falls."""
    r, horizon = view.r, view.horizon
    view.ridge(horizon + 0.04, 0.16, 6, view.lit((190, 208, 232)))
    for _ in range(3):
        x = r.uniform(0, 1)
        pine(view.stand(x, horizon + 0.08, r.uniform(0.16, 0.24)), view.lit((84, 130, 124)))
    view.ridge(horizon + 0.16, 0.1, 4, view.lit((222, 232, 246)))
    view.ridge(0.86, 0.1, 3, view.lit((238, 244, 252) if view.time == "day" else (226, 234, 250)))
    for _ in range(34):
        x, y, radius = r.uniform(0, 1), r.uniform(0, 1), r.choice([0.004, 0.006, 0.009])
        view.pen.ellipse(x, y, radius, radius, PURE_WHITE)
    return 0.89


def lake(view: View) -> float:
    """A calm lake between firs and a near shore."""
    r, horizon = view.r, view.horizon
    view.peaks(horizon + 0.02, 0.2, view.lit((124, 146, 180)))
    for i in range(11):
        x = i / 10 + r.uniform(-0.02, 0.02)
        pine(view.stand(x, horizon + 0.03, r.uniform(0.1, 0.17)), view.lit((62, 122, 92)))
    gradient(view.canvas, [view.lit((96, 164, 206)), view.lit((60, 130, 190))], horizon + 0.02, 1)
    for _ in range(6):
        x, y, w = r.uniform(0.1, 0.9), r.uniform(horizon + 0.06, 0.8), r.uniform(0.05, 0.13)
        view.pen.rectangle(x - w, y, x + w, y + 0.009, view.lit((170, 214, 236)), radius=0.004)
    view.pen.blob("-.2,.84 .15,.86 .5,.9 .85,.86 1.2,.84 1.2,1.2 -.2,1.2", view.lit((106, 172, 92)))
    return 0.93
