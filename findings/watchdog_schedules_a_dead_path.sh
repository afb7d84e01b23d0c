#!/bin/sh
# watchdog 7.1.0, Linux (inotify), Python 3.11.
#
# Expected: after a watched folder was removed and made again, Observer.schedule() of the same path
#   watches the new folder, or says that it does not.
# What happens: it returns the watch, raises nothing, logs nothing, and no event ever comes. The
#   emitter of the first watch ended with its folder but is still registered for the path, so the
#   handler is added to a dead emitter. Only after unschedule(), or with a new observer, events come.
# Output seen:
#   first folder: 1 created
#   made again, same observer: 0 created
#   unscheduled and scheduled: 1 created
# In this program: irer/hub/folder_events.py watches anew with an observer of its own.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check watchdog==7.1.0
cat > "$place/seen.py" <<'PYTHON'
import shutil
import sys
import time
from pathlib import Path

from watchdog.events import FileCreatedEvent, FileSystemEventHandler
from watchdog.observers import Observer

folder = Path(sys.argv[1]) / "watched"
created = []


class Handler(FileSystemEventHandler):
    def on_created(self, event):
        if isinstance(event, FileCreatedEvent):
            created.append(event.src_path)


def told_of(what):
    created.clear()
    (folder / "file").write_text("x")
    time.sleep(2)  # an event takes milliseconds
    print(f"{what}: {len(created)} created")
    (folder / "file").unlink()


handler, observer = Handler(), Observer()
folder.mkdir()
observer.schedule(handler, str(folder))
observer.start()
told_of("first folder")
shutil.rmtree(folder)
time.sleep(2)  # the emitter sees that its folder is gone
folder.mkdir()
watch = observer.schedule(handler, str(folder))
told_of("made again, same observer")
observer.unschedule(watch)
observer.schedule(handler, str(folder))
told_of("unscheduled and scheduled")
observer.stop()
observer.join()
PYTHON
"$place/venv/bin/python" "$place/seen.py" "$place" > "$place/output"
cat "$place/output"
cat > "$place/expected" <<'OUTPUT'
first folder: 1 created
made again, same observer: 0 created
unscheduled and scheduled: 1 created
OUTPUT
diff "$place/expected" "$place/output"
