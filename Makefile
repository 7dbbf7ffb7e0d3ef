# Two commands do everything, set-up included: `make run` and `make test`.
