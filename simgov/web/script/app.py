"""What streamlit runs for every page, from top to bottom, whenever somebody touches it."""

if __name__ == "__main__":
    from simgov.web.page import show

    show()
