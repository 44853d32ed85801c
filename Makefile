# Two commands: `make demo` shows the portal at work, `make test` runs every check and test.
# PORT=8001 make demo    ONCE=1 make demo    make test ONLY=types    make test ONLY=pytest ARGS="-k clock"
PYTHON ?= python3

.PHONY: demo test check stop manage
demo test check stop manage:
	@$(PYTHON) -m tools.dev $@
