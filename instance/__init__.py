"""The supervisor behind ./run and ./test: sets an instance up and runs its servers and processes.

Standard library only, since it runs before the virtual environment exists. One instance is one
data folder (layout.py). `keeper.py` owns the embedded servers, `supervisor.py` the web server,
worker and beat; `session.py` joins the users of one instance.
"""
