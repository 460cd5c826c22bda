"""Starts a command on a pseudo-terminal and prints the milliseconds until its first question is on the screen."""
import fcntl, os, pty, re, select, signal, struct, sys, termios, time

PATIENCE = 60
begun = time.monotonic()
child, screen = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
seen, asked = b'', None
while asked is None and time.monotonic() - begun < PATIENCE:
    if not select.select([screen], [], [], 1)[0]:
        continue
    try:
        seen += os.read(screen, 65536)
    except OSError:
        break
    if re.search(rb'(?:^|[\r\n])\? ', re.sub(rb'\x1b\[[0-9;?]*[A-Za-z]', b'', seen)):
        asked = time.monotonic() - begun
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
if asked is None:
    sys.exit('no question was asked: ' + repr(seen[-300:]))
print(asked * 1000)
