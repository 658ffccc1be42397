"""The door for the browser: `streamlit run app.py`, `python app.py`, or any ASGI server with `app:app`.

Shows the run that YIJIAN_RUN names, else the newest finished one; `yijian app --run DIR` names it for you.
"""

from __future__ import annotations

import streamlit as st

from ui.routes import routes
from ui.serve import MAIN, lifespan, say_error

app = st.App(MAIN, routes=routes(), lifespan=lifespan, on_script_error=say_error)

if __name__ == "__main__":
    app.run()
