"""Found by random programs."""
# gelcap: export returns_in_block(int)
# gelcap: export exact_constants(float)
# gelcap: export set_in_else(int)
# gelcap: export rest_of_shift(int, int)


def helper(n):
    v = 7
    w = 0
    while w < 1 and not v:
        w += 1
    return v if 3 * n else 100 % n


# The block round a body that may fail has no exit but `return`: wasm ran on into what follows it.
def returns_in_block(n):
    total = 0
    for i in range(3):
        total += helper(n + i)
    return total


# What is known at compile time is exact, also beyond 64 bits.
def exact_constants(x):
    v = 1000005
    v &= (v * (v**3)) % (v % 11 + 1)
    return v


# What only `else` sets is still the old value after a `break`.
def set_in_else(n):
    v = n > 1
    for i in range(3):
        if i == n:
            break
    else:
        v = n > 2
    return v


# The reference made gigabytes of zeros of this, and ran out of time or memory on a busy machine.
def rest_of_shift(x, n):
    return (x << n) % 11


# run: rest_of_shift(3, 70) raises OverflowError
# run: rest_of_shift(3, 2147483648) raises OverflowError
# run: rest_of_shift(3, 9223372036854775807) raises OverflowError
# run: rest_of_shift(0, 9223372036854775807) == 0
# run: set_in_else(1) == False
# run: set_in_else(2) == True
# run: set_in_else(3) == True
# run: returns_in_block(2) == 21
# run: returns_in_block(-1)
# run: exact_constants(0.5)
