"""``pawlens serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from ..errors import UsageError
from ._app import app, say

__all__: list[str] = []


@app.command()
def serve(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[[NAME[@VERSION]=]RUN...]",
            help="The models, as run folders or model.onnx files; the first is the default. A name "
            "and a version say what clients call it, by default the folder's name and 1. Without a "
            "model the bundled classifier answers.",
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="The address to listen on; by default only this machine can connect. 0.0.0.0 lets "
            "every machine of the network in: give a --token too."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    precision: Annotated[
        str,
        typer.Option(
            metavar="auto|f32|bf16|int8",
            help="The arithmetic of the networks. auto takes bf16 where the processor has it and "
            "the answers stay as they are in f32, within the limits of an export, else f32.",
        ),
    ] = "auto",
    workers: Annotated[
        int,
        typer.Option(
            help="The processes that answer. One uses all processors; a second goes on where the "
            "first is killed."
        ),
    ] = 1,
    queue: Annotated[
        int,
        typer.Option(
            help="The photos that a process takes in before it has answered them; more are refused "
            "with 503."
        ),
    ] = 256,
    max_bytes: Annotated[int, typer.Option(help="The most bytes of one request.")] = 32
    * 1024
    * 1024,
    max_pixels: Annotated[
        int | None,
        typer.Option(
            help="The most pixels, width times height, of one photo. By default as many as "
            "any command reads, 2^28."
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(help="The seconds that a request may take.")] = 30.0,
    token: Annotated[
        Path | None,
        typer.Option(
            help="A file with the token that requests must bring. By default $PAWLENS_TOKEN; "
            "without either, none is asked for."
        ),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="An origin whose pages may ask, as https://example.org; repeat it for more. By "
            "default only the server's own page.",
        ),
    ] = None,
    root_path: Annotated[
        str, typer.Option(help="The path under which a proxy shows the server. By default none.")
    ] = "",
    allow_load: Annotated[
        bool,
        typer.Option(
            "--allow-load",
            help="Let POST /v2/repository/models/NAME/load read a model again. Without it, only "
            "the signal SIGHUP does.",
        ),
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            help="The folder that keeps hashes and answers of photos, as Parquet. By default "
            "nothing is kept."
        ),
    ] = None,
    keep_photos: Annotated[
        bool,
        typer.Option("--keep-photos", help="Keep the photos there too. Without it, no photo is."),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", help="Log no requests. Without it, a line of JSON for each."),
    ] = False,
) -> None:
    """Answer photos over HTTP until it is stopped. Also by the Open Inference Protocol."""
    from ..backbones import Precision
    from ..photos import MAX_PIXELS
    from ..server import ServerSettings, read_token, run_server

    precisions = get_args(Precision)
    if precision not in precisions:
        raise UsageError(f"--precision {precision}: choose {', '.join(precisions)}")
    settings = ServerSettings(
        host=host,
        port=port,
        precision=cast(Precision, precision),
        workers=workers,
        queue=queue,
        max_bytes=max_bytes,
        max_pixels=max_pixels or MAX_PIXELS,
        timeout=timeout,
        token=read_token(token),
        cors=tuple(cors or ()),
        root_path=root_path,
        allow_load=allow_load,
        record=record,
        keep_photos=keep_photos,
        quiet=quiet,
    )
    if not settings.is_local and settings.token is None:
        say(f"pawlens: {host} lets other machines in and no token is asked for; see --token")

    def ready(link: str) -> None:
        print(f"serving  {link}", flush=True)
        say("Ctrl-C ends it; what was accepted is answered first")

    run_server(runs or [], settings, ready=ready)
