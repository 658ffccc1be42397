"""`yijian app`: assess if there is no current run, then serve the map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.say import ERR, progress_bar


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="app")(serve)


def serve(
    *,
    run: Annotated[
        Path | None, typer.Option(help="Run folder to show.", show_default="that of Xixian")
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; anything but loopback lets others in.")
    ] = "127.0.0.1",
) -> None:
    """Serve the map on http://localhost:8501.

    Without --run, the embedded region is assessed first if it has no current run.

    Example: yijian app --run var/runs/xixian --port 8501
    """
    from ui.serve import serve as serve_run

    serve_run(run or _current_run(), host=host, port=port)


def _current_run() -> Path:
    from assessment.assess import Settings, assess_region, default_run, is_current
    from layers.region import EMBEDDED, load_region

    region = load_region(EMBEDDED)
    target = default_run(region)
    if not is_current(target, region):
        ERR.print(f"Assessing {region.name_zh} {region.name_en}: about two minutes, once.")
        with progress_bar() as progress:
            assess_region(region, out=target, settings=Settings(), progress=progress)
    return target
