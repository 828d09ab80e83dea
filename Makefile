# Two commands: `make serve` runs xiutu, `make test` checks it. Everything lives in .venv.
PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?=
VENV := .venv
BIN := $(VENV)/bin

# The shell makes the path absolute: make's own functions take a blank for the end of a name.
export DATA
in_data := case "$$DATA" in '') ;; /*) export XIUTU_DATA="$$DATA" ;; \
	*) export XIUTU_DATA="$$PWD/$$DATA" ;; esac;

# Compiled code is kept, whatever the shell says: every start of ours is a second shorter.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help serve test lint types style weights quality speed clean docs

help:
	@echo "make serve [PORT=8000] [HOST=127.0.0.1] [DATA=dir]   install, fetch weights once, start the server"
	@echo "make test                                            linters, types and the whole test suite"
	@echo "make lint                                            linters and types only"
	@echo "make docs                                            regenerate the generated pages"
	@echo "make quality / make speed                            benchmarks"
	@echo "make clean                                           remove the environment"

$(VENV)/.serve: pyproject.toml constraints.txt
	sh scripts/venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt tests/sdk/node/package.json $(VENV)/.serve
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	sh scripts/test-services
	touch $@

serve: $(VENV)/.serve
	$(in_data) $(BIN)/xiutu models pull
	$(in_data) exec $(BIN)/xiutu serve --host $(HOST) --port $(PORT)

lint: style types

style: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/deptry src

types: $(VENV)/.test
	$(BIN)/mypy

weights: $(VENV)/.test
	$(in_data) $(BIN)/xiutu models pull

test: $(VENV)/.test
	$(MAKE) --no-print-directory --jobs 2 lint weights
	$(in_data) $(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

docs: $(VENV)/.test
	$(BIN)/python -m scripts.docs

quality: $(VENV)/.test
	$(in_data) $(BIN)/python -m benchmarks.quality --write

speed: $(VENV)/.test
	$(in_data) $(BIN)/python -m benchmarks.speed

clean:
	rm -rf $(VENV)
