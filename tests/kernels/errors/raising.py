"""assert and raise of builtin exceptions, with and without messages."""
# gelcap: export positive(int)
# gelcap: export asserted(int)
# gelcap: export asserted_message(float)
# gelcap: export chosen(int)
# gelcap: export bare(int)
# gelcap: export class_only(int)
# gelcap: export after_store(float64*, int)
# gelcap: export in_loop(int64*, int)
# gelcap: export from_callee(int)
# gelcap: export value_of_a_refusal(int)
# gelcap: export first_wins(int, int)
# gelcap: export argument_order(int64*, int)


def positive(n):
    if n < 0:
        raise ValueError("n must not be negative")
    return n


def asserted(n):
    assert n > 0
    return n


def asserted_message(x):
    assert x < 1.0, "x is too large"
    return x


def chosen(n):
    if n == 1:
        raise IndexError("one")
    if n == 2:
        raise KeyError("two")
    if n == 3:
        raise ArithmeticError("three {0} braces")
    if n == 4:
        raise RuntimeError("100 % ünïcode")
    if n == 5:
        raise NotImplementedError()
    if n == 6:
        raise OverflowError("six")
    if n == 7:
        raise TypeError("")
    return n


def bare(n):
    if n:
        raise ZeroDivisionError
    return n


def class_only(n):
    if n > 10:
        raise StopIteration
    return n * 2


def after_store(p, n):
    p[0] = 1.5
    if n > 0:
        raise ValueError("stored")
    p[1] = 2.5


def in_loop(p, n):
    for i in range(n):
        p[i] = 100 // (3 - i)


def checked(n):
    if n > 5:
        raise LookupError("more than five")
    return n


def from_callee(n):
    total = 0
    for i in range(n):
        total += checked(i)
    return total


def first_wins(a, b):
    return a // b + positive(a)


def record(p, value):
    p[0] = p[0] * 10 + value
    return value


def argument_order(p, n):
    return (record(p, 1) + record(p, 2)) // (record(p, 3) - n) + record(p, 4)


# run: positive(3) == 3
# run: positive(-3) raises ValueError "n must not be negative"
# run: asserted(1) == 1
# run: asserted(0) raises AssertionError ""
# run: asserted_message(0.5) == 0.5
# run: asserted_message(1.5) raises AssertionError "x is too large"
# run: asserted_message(nan) raises AssertionError "x is too large"
# run: chosen(0) == 0
# run: chosen(1) raises IndexError "one"
# run: chosen(2) raises KeyError "two"
# run: chosen(3) raises ArithmeticError "three {0} braces"
# run: chosen(4) raises RuntimeError "100 % ünïcode"
# run: chosen(5) raises NotImplementedError ""
# run: chosen(6) raises OverflowError "six"
# run: chosen(7) raises TypeError ""
# run: bare(0) == 0
# run: bare(1) raises ZeroDivisionError ""
# run: class_only(4) == 8
# run: class_only(11) raises StopIteration ""
# run: after_store(ptr(float64, [0.0, 0.0]), 0) == None
# run: after_store(ptr(float64, [0.0, 0.0]), 1) raises ValueError "stored"
# run: in_loop(ptr(int64, [0, 0, 0, 0, 0]), 3) == None
# run: in_loop(ptr(int64, [0, 0, 0, 0, 0]), 5) raises ZeroDivisionError "integer division or modulo by zero"
# run: from_callee(4) == 6
# run: from_callee(9) raises LookupError "more than five"
# run: first_wins(-1, 0) raises ZeroDivisionError "integer division or modulo by zero"
# run: first_wins(-1, 2) raises ValueError "n must not be negative"
# run: argument_order(ptr(int64, [0]), 1) == 5
# run: argument_order(ptr(int64, [0]), 3) raises ZeroDivisionError "integer division or modulo by zero"


def refuses(n):
    raise IndexError("always")


def value_of_a_refusal(n):
    return n + 0.5 if n > 0 else abs(refuses(n))


# run: value_of_a_refusal(2) == 2.5
# run: value_of_a_refusal(0) raises IndexError "always"
