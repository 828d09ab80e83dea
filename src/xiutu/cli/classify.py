"""``xiutu classify``: from folders of pictures to a private classification API."""

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from xiutu.cli._classify import classifiers, evaluated, follow, import_bar, predicted
from xiutu.cli._platform import print_fields, print_json, print_rows

__all__ = ["app"]

app = typer.Typer(
    help="Custom classification: import pictures, train, evaluate, publish, call.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="Name of the data set.")]
Service = Annotated[str, typer.Argument(help="API name of the service.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
ModelId = Annotated[int | None, typer.Option("--model", help="Its number; default: the newest.")]


@app.command("import")
def import_pictures(
    source: Annotated[Path, typer.Argument(help="Folder of class folders, a zip of it, or a CSV.")],
    name: Annotated[str, typer.Option("--name", help="Data set; made when it does not exist.")],
    as_json: Json = False,
) -> None:
    """Add labelled pictures to a data set. Can be repeated: what is there already is passed over."""
    with classifiers() as found, import_bar(as_json) as progress:
        outcome = found.import_from(name, source, progress=progress)
        report = found.datasets.validate(name)
    fields = {
        "dataset": name,
        "version": outcome.version,
        "added": outcome.added,
        "present": outcome.present,
        "near_duplicates": outcome.near_duplicates,
        "unusable": [{"source": file, "reason": why} for file, why in outcome.unusable],
        "conflicts": [{"source": file, "reason": why} for file, why in outcome.conflicts],
        "classes": report.classes,
        "problems": report.problems,
        "warnings": report.warnings,
    }
    if as_json:
        print_json(fields)
        return
    typer.echo(
        f"{name}, version {outcome.version}: {outcome.added} added, {outcome.present} were there, "
        f"{len(outcome.unusable)} unusable, {len(outcome.conflicts)} conflicts"
    )
    print_rows(("CLASS", "PICTURES"), [(label, n) for label, n in report.classes.items()])
    for row in (*fields["unusable"], *fields["conflicts"]):
        typer.echo(f"  {row['source']}: {row['reason']}", err=True)
    for text in (*report.problems, *report.warnings):
        typer.echo(f"  note: {text}", err=True)


@app.command("train")
def train(
    name: Name,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for it.")] = False,
    backbone: Annotated[str, typer.Option(help="Frozen network below the head.")] = "",
    head: Annotated[
        list[str] | None, typer.Option(help="logistic, svm or knn; default: the best one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a classifier on the newest version. Ctrl-C cancels it."""
    from xiutu.classify.backbones import DEFAULT
    from xiutu.classify.keeper import start_worker
    from xiutu.classify.training import Options

    with classifiers() as found:
        model = found.jobs.submit(name, Options(backbone or DEFAULT, tuple(head or ())))
        if detach:
            start_worker(model.id)
        else:
            model = follow(found, model, quiet=as_json)
    fields = {
        "model": model.id,
        "dataset": model.dataset,
        "version": model.dataset_version,
        "state": model.state.value,
        "error": model.error,
        **(model.result or {}),
    }
    if as_json:
        print_json(fields)
    elif detach:
        typer.echo(f"model {model.id} is being trained: xiutu classify list")
    elif model.result:
        print_fields(fields | {"accuracy": f"{model.result['accuracy']:.1%}"})
    if model.error or (not detach and not model.result):
        typer.echo(f"xiutu: model {model.id} {model.state}: {model.error}", err=True)
        raise typer.Exit(1)


@app.command("evaluate")
def evaluate(
    name: Name,
    model: ModelId = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Folder for JSON, page and picture.")
    ] = None,
    on: Annotated[
        Path | None, typer.Option("--on", help="Other pictures: a folder of class folders.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What the model is worth, on the held-out pictures or on others."""
    with classifiers() as found:
        chosen = found.latest(name) if model is None else found.models.ready(model)
        if on is not None:
            figures, folder = evaluated(found, chosen, on)
        else:
            figures = found.models.evaluation(chosen.id)
            folder = found.models.file(chosen.id, "evaluation.html").parent
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            for ending in ("json", "html", "png"):
                shutil.copyfile(folder / f"evaluation.{ending}", out / f"evaluation.{ending}")
    if as_json:
        print_json(figures)
        return
    typer.echo(
        f"model {chosen.id}: {figures['accuracy']:.1%} of {figures['pictures']} pictures right, "
        f"macro F1 {figures['macro_f1']:.3f}, calibration error {figures['calibration_error']:.3f}"
    )
    print_rows(
        ("CLASS", "PICTURES", "PRECISION", "RECALL", "F1"),
        [
            (
                r["name"],
                r["pictures"],
                f"{r['precision']:.3f}",
                f"{r['recall']:.3f}",
                f"{r['f1']:.3f}",
            )
            for r in figures["classes"]
        ],
    )
    typer.echo(f"page: {(out or folder) / 'evaluation.html'}")


@app.command("publish")
def publish(
    name: Name,
    as_name: Annotated[str, typer.Option("--as", help="API name; default: the data set's.")] = "",
    model: ModelId = None,
    app_id: Annotated[
        list[str] | None,
        typer.Option(
            "--app", help="Only these applications (id or name) may call; `all`: every one."
        ),
    ] = None,
    open_set: Annotated[
        bool | None,
        typer.Option("--open-set/--closed-set", help="Answer [default] for unlike pictures."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve the newest model under an API name; a service that is there is replaced in flight."""
    from xiutu.classify.services import KEEP

    apps = None if app_id == ["all"] else _app_ids(app_id) if app_id else KEEP
    with classifiers() as found:
        chosen = found.latest(name).id if model is None else model
        wanted = KEEP if open_set is None else open_set
        service = found.services.publish(as_name or name, chosen, apps=apps, open_set=wanted)
    _print_service(service, as_json)


@app.command("stop")
def stop(name: Service, as_json: Json = False) -> None:
    """Calls answer 336100 until `start` or `publish`."""
    with classifiers() as found:
        _print_service(found.services.stop(name), as_json)


@app.command("start")
def start(name: Service, as_json: Json = False) -> None:
    """Serve a stopped service again."""
    with classifiers() as found:
        _print_service(found.services.start(name), as_json)


@app.command("rollback")
def roll_back(
    name: Service,
    to: Annotated[int | None, typer.Option(help="Version; default: the one before.")] = None,
    as_json: Json = False,
) -> None:
    """Serve an older version of a service again."""
    with classifiers() as found:
        _print_service(found.services.roll_back(name, to), as_json)


@app.command("predict")
def predict(
    name: Name,
    files: Annotated[list[Path], typer.Argument(help="Pictures.")],
    model: ModelId = None,
    top: Annotated[int, typer.Option(min=1, help="Classes to print.")] = 3,
    as_json: Json = False,
) -> None:
    """Classify pictures with the newest model, without a server."""
    with classifiers() as found:
        chosen = found.latest(name) if model is None else found.models.ready(model)
        answers = predicted(found, chosen, files)
    failed = 0
    lines: list[dict[str, Any]] = []
    for file, answer in zip(files, answers, strict=True):
        if isinstance(answer, str):
            failed += 1
            lines.append({"file": str(file), "error": answer})
            continue
        results = [{"name": label, "score": score} for label, score in answer.scores[:top]]
        lines.append({"file": str(file), "results": results, "known": answer.known})
    if as_json:
        print_json(lines)
    else:
        for line in lines:
            found_text = ", ".join(f"{r['name']} {r['score']:.3f}" for r in line.get("results", ()))
            typer.echo(f"{line['file']}: {found_text or line['error']}")
    if failed:
        raise typer.Exit(1)


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Data sets, models and services."""
    with classifiers() as found:
        sets, models, services = found.datasets.all(), found.models.all(), found.services.all()
    if as_json:
        print_json(
            {
                "datasets": [
                    {"name": s.name, "version": s.version, "classes": dict(s.classes)} for s in sets
                ],
                "models": [
                    {
                        "id": m.id,
                        "dataset": m.dataset,
                        "state": m.state.value,
                        "progress": m.progress,
                        "step": m.step,
                        "error": m.error,
                        "result": m.result,
                    }
                    for m in models
                ],
                "services": [_service_fields(s) for s in services],
            }
        )
        return
    print_rows(
        ("DATA SET", "VERSION", "CLASSES", "PICTURES"),
        [(s.name, s.version, len(s.classes), s.pictures) for s in sets],
    )
    print_rows(
        ("MODEL", "DATA SET", "STATE", "DONE", "ACCURACY"),
        [
            (
                m.id,
                m.dataset,
                m.state,
                f"{m.progress:.0%}",
                f"{m.result['accuracy']:.1%}" if m.result else m.error or m.step,
            )
            for m in models
        ],
    )
    print_rows(
        ("SERVICE", "STATE", "VERSION", "MODEL", "PATH"),
        [(s.name, _state(s), s.version, s.model_id, s.path) for s in services],
    )


@app.command("cancel")
def cancel(model: Annotated[int, typer.Argument(help="Number of the model.")]) -> None:
    """Stop a training."""
    with classifiers() as found:
        typer.echo(f"model {model}: {found.jobs.cancel(model).state}")


@app.command("log")
def log(model: Annotated[int, typer.Argument(help="Number of the model.")]) -> None:
    """What a training has written."""
    with classifiers() as found:
        typer.echo(found.jobs.log(model), nl=False)


@app.command("delete")
def delete(
    name: Annotated[str | None, typer.Option("--dataset", help="With all its pictures.")] = None,
    model: Annotated[int | None, typer.Option("--model", help="Number of the model.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="API name.")] = None,
) -> None:
    """Delete a data set, a model or a service; what was made of it stays."""
    if sum(row is not None for row in (name, model, service)) != 1:
        raise typer.BadParameter("one of --dataset, --model and --service is due")
    with classifiers() as found:
        if name is not None:
            found.datasets.delete(name)
        elif model is not None:
            found.models.delete(model)
        elif service is not None:
            found.services.delete(service)


@app.command("export")
def export(
    name: Name,
    out: Annotated[Path, typer.Option("-o", "--out", help="The zip file to write.")],
    model: ModelId = None,
) -> None:
    """The model as ONNX with labels, card and a program that runs it without xiutu."""
    with classifiers() as found:
        chosen = found.latest(name).id if model is None else model
        found.models.export(chosen, out)
    typer.echo(str(out))


@app.command("import-model")
def import_model(
    file: Annotated[Path, typer.Argument(help="ONNX file of a classifier.", exists=True)],
    name: Annotated[str, typer.Option("--name", help="What to call it, as a data set.")],
    labels: Annotated[Path, typer.Option(help="Text file, a class a line, in order.", exists=True)],
    logits: Annotated[bool, typer.Option(help="Its output needs a softmax.")] = False,
    scale: Annotated[float, typer.Option(help="Multiplies values 0..255.")] = 1 / 255,
    mean: Annotated[tuple[float, float, float], typer.Option(help="Subtracted then.")] = (0, 0, 0),
    std: Annotated[tuple[float, float, float], typer.Option(help="Divides then.")] = (1, 1, 1),
    side: Annotated[int, typer.Option(help="Pixels, where the model does not say.")] = 224,
    as_json: Json = False,
) -> None:
    """Take in a classifier made elsewhere; it is checked and run in processes of its own."""
    from xiutu.classify.foreign import Description

    lines = tuple(line for line in labels.read_text("utf-8-sig").splitlines() if line.strip())
    description = Description(lines, logits, scale, mean, std, side)
    with classifiers() as found:
        model = found.import_model(name, file, description)
    fields = {"model": model.id, "name": model.dataset, "classes": len(lines)}
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


def _app_ids(names: list[str]) -> list[str]:
    from xiutu.cli._platform import opened

    with opened() as platform:
        return [platform.apps.find(name).app_id for name in names]


def _print_service(service: Any, as_json: bool) -> None:
    fields = _service_fields(service)
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)


def _service_fields(service: Any) -> dict[str, Any]:
    return {
        "name": service.name,
        "state": _state(service),
        "version": service.version,
        "model": service.model_id,
        "path": service.path,
        "apps": sorted(service.apps) if service.apps is not None else "all",
        "open_set": service.open_set,
    }


def _state(service: Any) -> str:
    return "running" if service.running else "stopped"
