"""The loop of a worker process: a job comes in, an answer goes out."""

import socket

from xiutu.engine import frames, hygiene, wire
from xiutu.engine.channel import Channel, ChannelError
from xiutu.engine.complaint import complain
from xiutu.engine.frames import Frame
from xiutu.engine.job import Job, Runner
from xiutu.errors import InternalError, XiutuError

__all__ = ["work"]


def work(sock: socket.socket, runner: Runner) -> None:
    """Serve jobs until the server hangs up."""
    channel = Channel(sock)
    ready = frames.encode(wire.READY)
    try:
        while True:
            channel.send(ready)
            channel.send(_answer(wire.job_of(channel.receive()), runner))
            hygiene.tidy()
    except ChannelError:
        return
    finally:
        channel.close()


def _answer(job: Job, runner: Runner) -> list[bytes]:
    try:
        return frames.encode(wire.outcome_frame(runner(job)))
    except XiutuError as error:
        return frames.encode(wire.error_frame(error))
    except BaseException as error:
        # Also SystemExit and the like: a library that calls sys.exit() must not look like a crash.
        complain("job_failed", operator=job.operator, log_id=job.log_id)
        return frames.encode(_unexpected(error, job))


def _unexpected(error: BaseException, job: Job) -> Frame:
    # The message may quote data of the caller's picture, so only its class crosses.
    return wire.error_frame(InternalError(f"{type(error).__name__} in {job.operator}"))
