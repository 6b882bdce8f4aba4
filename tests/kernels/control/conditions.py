"""if, conditional expressions, and/or that give operands, chained comparisons that stop early."""
# gelcap: export grade(float)
# gelcap: export pick(int, float)
# gelcap: export either(int, int)
# gelcap: export both(int, int)
# gelcap: export either_float(float, float)
# gelcap: export negated(int, float)
# gelcap: export between(int, int, int)
# gelcap: export long_chain(int, int, int, int)
# gelcap: export guarded(int, int)
# gelcap: export guarded_or(int, int)
# gelcap: export chain_stops(int, int)
# gelcap: export conditional_stops(int, int)
# gelcap: export nested(int, int)
# gelcap: export unset_paths(int)
# gelcap: export bool_result(int, int)


def grade(x):
    if x >= 90.0:
        return 5
    elif x >= 75.0:
        return 4
    elif x >= 50.0:
        return 3
    else:
        return 1


def pick(n, x):
    return x if n > 0 else -x


def either(a, b):
    return a or b


def both(a, b):
    return a and b


def either_float(a, b):
    return a or b


def negated(n, x):
    return not n, not x, not (n and x)


def between(a, b, c):
    return a < b < c


def long_chain(a, b, c, d):
    return a < b <= c != d


def guarded(a, b):
    return b != 0 and a // b > 2


def guarded_or(a, b):
    return b == 0 or a // b > 2


def chain_stops(a, b):
    return 0 < b < a // b


def conditional_stops(a, b):
    return a // b if b else -1


def nested(a, b):
    if a > 0:
        if b > 0:
            r = 1
        else:
            r = 2
    else:
        if b > 0:
            r = 3
        elif b < 0:
            r = 4
        else:
            r = 5
    return r


def unset_paths(n):
    if n > 0:
        x = 1.5
    else:
        return 0.0
    return x


def bool_result(a, b):
    return a > 0 and b > 0


# run: grade(95.0) == 5
# run: grade(75.0) == 4
# run: grade(50.5) == 3
# run: grade(nan) == 1
# run: pick(1, 2.5) == 2.5
# run: pick(0, 2.5) == -2.5
# run: either(0, 7) == 7
# run: either(3, 7) == 3
# run: both(0, 7) == 0
# run: both(3, 7) == 7
# run: either_float(0.0, 2.5) == 2.5
# run: either_float(nan, 2.5) == nan
# run: either_float(-0.0, -0.0) == -0.0
# run: negated(0, 1.0) == (True, False, True)
# run: negated(2, 0.0) == (False, True, True)
# run: between(1, 2, 3) == True
# run: between(1, 1, 3) == False
# run: long_chain(1, 2, 2, 3) == True
# run: long_chain(1, 2, 2, 2) == False
# run: guarded(10, 0) == False
# run: guarded(10, 3) == True
# run: guarded_or(10, 0) == True
# run: guarded_or(3, 2) == False
# run: chain_stops(10, 0) == False
# run: chain_stops(10, 2) == True
# run: conditional_stops(10, 0) == -1
# run: conditional_stops(10, 3) == 3
# run: nested(1, 1) == 1
# run: nested(1, -1) == 2
# run: nested(-1, 1) == 3
# run: nested(-1, -1) == 4
# run: nested(0, 0) == 5
# run: unset_paths(1) == 1.5
# run: unset_paths(-1) == 0.0
# run: bool_result(1, 1) == True
# run: bool_result(1, 0) == False
