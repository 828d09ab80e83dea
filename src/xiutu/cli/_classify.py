"""What the commands of custom classification share: opening, waiting with a bar, predicting."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from xiutu.errors import BadDataset, InvalidParameter, XiutuError
from xiutu.settings import load

if TYPE_CHECKING:
    from xiutu.classify.facade import Classifiers
    from xiutu.classify.predictor import Answer
    from xiutu.classify.values import Model

__all__ = ["classifiers", "evaluated", "follow", "import_bar", "predicted"]

_BATCH = 16
_SECONDS = 120.0


@contextmanager
def classifiers() -> Iterator["Classifiers"]:
    """Those in DATA, which a running server may have open too; errors as in ``opened``."""
    from xiutu.classify.facade import Classifiers

    settings = load()
    try:
        with Classifiers.of(settings) as found:
            yield found
    except InvalidParameter as error:
        raise typer.BadParameter(error.detail) from None
    except XiutuError as error:
        typer.echo(f"xiutu: {error.detail}", err=True)
        raise typer.Exit(1) from None


@contextmanager
def import_bar(quiet: bool) -> Iterator[Callable[[int], None]]:
    """Counts the pictures looked at; how many there will be nobody knows."""
    columns = (TextColumn("{task.completed} pictures"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("import", total=None)
        yield lambda done: progress.update(task, completed=done)


def follow(found: "Classifiers", model: "Model", quiet: bool) -> "Model":
    """Do the training here, or watch it where a server was quicker to take it."""
    import threading

    worked: list[BaseException] = []

    def work() -> None:
        try:
            found.jobs.work(model.id)
        except BaseException as error:
            worked.append(error)

    thread = threading.Thread(target=work, name="training", daemon=True)
    columns = (TextColumn("{task.description:40}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
            task = progress.add_task("waiting", total=1.0)
            thread.start()
            while not (now := found.jobs.get(model.id)).state.over:
                progress.update(task, completed=now.progress, description=now.step)
                thread.join(0.3)
                if not thread.is_alive():
                    if worked:
                        raise worked[0]
                    threading.Event().wait(0.5)  # a server has it
            progress.update(task, completed=1.0, description=str(now.state))
    except KeyboardInterrupt:
        typer.echo("cancelling", err=True)
        found.jobs.cancel(model.id)
        thread.join(15)
        return found.jobs.get(model.id)
    thread.join(5)
    return now


def predicted(found: "Classifiers", model: "Model", files: Sequence[Path]) -> list["Answer | str"]:
    """An answer for each file, or why there is none. Models of others run in a worker process."""
    answers: list[Answer | str] = []
    for start in range(0, len(files), _BATCH):
        some = files[start : start + _BATCH]
        if model.kind == "trained":
            answers += [_here(found, model, file) for file in some]
        else:
            answers += _in_worker(found, model, some)
    return answers


def _here(found: "Classifiers", model: "Model", file: Path) -> "Answer | str":
    from xiutu.classify.facts import LIMITS
    from xiutu.image.header import read_header

    try:
        data = file.read_bytes()
        LIMITS.check(read_header(data))
        return found.predict(model.id, [data])[0]
    except OSError as error:
        return error.strerror or str(error)
    except XiutuError as error:
        return error.detail


def _in_worker(found: "Classifiers", model: "Model", files: Sequence[Path]) -> list["Answer | str"]:
    import time

    from xiutu.engine.job import Job
    from xiutu.engine.pool import PoolExecutor
    from xiutu.gateway.easydl.jobs import PREDICT, replies
    from xiutu.gateway.runner import RUNNER

    executor = PoolExecutor(1, runner=RUNNER)
    executor.start()
    answers: list[Answer | str] = []
    try:
        for file in files:
            try:
                job = Job(
                    operator=PREDICT,
                    inputs={"0": file.read_bytes()},
                    params={"model": str(found.files.model(model.id))},
                    deadline=time.monotonic() + _SECONDS,
                )
                (reply,) = replies(executor.submit(job).result(), 1)
                answers.append(reply.answer or (reply.error.detail if reply.error else ""))
            except OSError as error:
                answers.append(error.strerror or str(error))
            except XiutuError as error:
                answers.append(error.detail)
    finally:
        executor.stop(1.0)
    return answers


def evaluated(found: "Classifiers", model: "Model", folder: Path) -> tuple[dict[str, Any], Path]:
    """Figures on pictures in class folders, and a folder with them as files."""
    import numpy as np

    from xiutu.classify.evaluation import evaluate
    from xiutu.classify.report import write_report
    from xiutu.classify.sources import from_folder

    labels = sorted(found.models.card(model.id).labels)
    items = list(from_folder(folder))
    strange = sorted({item.label for item in items} - set(labels))
    if strange:
        raise BadDataset(f"the model has no class {', '.join(strange)}")
    files = [folder / item.source for item in items]
    answers = predicted(found, model, files)
    good = [n for n, answer in enumerate(answers) if not isinstance(answer, str)]
    if not good:
        raise BadDataset(f"{folder} holds no picture that can be read")
    places = {label: number for number, label in enumerate(labels)}
    shares = np.zeros((len(good), len(labels)))
    for row, number in enumerate(good):
        answer = answers[number]
        assert not isinstance(answer, str)
        for label, score in answer.scores:
            shares[row, places[label]] = score
    truth = np.array([places[items[number].label] for number in good], dtype=np.int64)
    figures = evaluate(shares, truth, labels, [items[number].source for number in good])
    figures["unusable"] = [
        str(files[n]) for n, answer in enumerate(answers) if isinstance(answer, str)
    ]
    target = Path(tempfile.mkdtemp(prefix="xiutu-evaluation-"))
    shown = [files[good[row["number"]]].read_bytes() for row in figures["mistakes"]]
    write_report(target, figures, shown)
    return figures, target
