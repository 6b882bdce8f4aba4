"""Functions that call each other in circles: their result types are found together."""

# gelcap: export three(int)
# gelcap: export floats(int)
# gelcap: export inner(int)
# gelcap: export never(int)
# gelcap: export wide(int)


def three(n):
    return 1 if n <= 0 else three_b(n - 1) + 1


def three_b(n):
    return three_c(n - 1) * 2 if n > 0 else three(n - 1)


def three_c(n):
    if n > 5:
        return three(n - 3) + three_b(n - 2)
    return three_b(n)


def floats(n):
    if n <= 0:
        return 0.5
    return floats_b(n - 1) + 1


def floats_b(n):
    if n % 2:
        return floats(n - 1) * 2
    return floats_b(n - 1)


def inner(n):
    if n <= 0:
        return 0
    return own(n) + inner(n - 1)


def own(n):
    return 1.5 if n <= 0 else own(n - 1) + outer(n - 1)


def outer(n):
    return inner(n - 5) + 1 if n > 3 else 2


def never(n):
    return never_b(n) + 1


def never_b(n):
    return never(n) * 2.0


def wide(n):
    return w0(n)


def w0(n):
    return w1(n - 1) + w3(n - 2) if n > 0 else 1


def w1(n):
    return w2(n - 1) + w4(n - 2) if n > 0 else 2


def w2(n):
    return w3(n - 1) + w0(n - 2) if n > 0 else 3


def w3(n):
    return w4(n - 1) + w1(n - 2) if n > 0 else 4.5


def w4(n):
    return w0(n - 1) + w2(n - 2) if n > 0 else 5


# run: three(20)
# run: floats(7) == 11.0
# run: inner(9)
# run: never(3) raises RecursionError
# run: wide(12)
