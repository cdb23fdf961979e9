"""Answers calls of the aws command, each in a child of this process, which has the command loaded: loading takes six times as long as
a call. A message on descriptor 3 is {"args": [...], "env": {...}}, with the descriptor that takes the answer; their end ends the process."""
import json
import os
import signal
import socket
import sys
import traceback

import awscli.clidriver

LONGEST = 1800  # seconds; a call that nobody waits for ends by itself


def answer(driver, asked, to):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.alarm(LONGEST)
    os.environ.clear()
    os.environ.update(asked["env"])
    said = [os.memfd_create("out"), os.memfd_create("err")]
    for number, fd in enumerate(said, 1):
        os.dup2(fd, number)
    try:
        status = driver.main(asked["args"])
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 255
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = (os.pread(fd, os.fstat(fd).st_size, 0).decode() for fd in said)
    with open(to, "wb") as f:
        f.write(json.dumps({"status": status or 0, "out": out, "err": err}).encode())


def main():
    driver = awscli.clidriver.create_clidriver()
    driver.session.get_service_model("s3")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel waits for the children
    calls = socket.socket(fileno=3)
    while True:
        message, fds, _, _ = socket.recv_fds(calls, 1 << 20, 1)
        if not message:
            return
        if os.fork() == 0:
            try:
                calls.close()
                answer(driver, json.loads(message), fds[0])
            finally:
                os._exit(0)
        os.close(fds[0])


main()
