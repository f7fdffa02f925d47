import time,os
from .lab.files import put
from .lab.program import entry_point
def once(p):
    t=time.time(); p.run("sync"); a=time.time()-t
    put(p.booted,"etc/motd",os.urandom(5))
    t=time.time(); p.run("sync"); b=time.time()-t
    print(f"nothing {a:.3f} one {b:.3f}")
def test_p(filled):
    for i in range(5): once(filled)
    import io, contextlib, signal
    with contextlib.redirect_stdout(io.StringIO()):
        entry_point()(["config","sample"])
    print("warmed by config sample")
    for i in range(5): once(filled)
    from drdwrap.rsync.render import rules, files_from
    rules([]); files_from([])
    print("warmed by render")
    for i in range(5): once(filled)
def test_q(filled): pass
def test_r(filled): pass
