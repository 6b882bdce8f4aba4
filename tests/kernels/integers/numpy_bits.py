"""Bit operations and shifts of NumPy integers: counts out of range shift everything out."""
# gelcap: export ops(int16, int16)
# gelcap: export mixed(uint8, int32)
# gelcap: export invert(int8, uint8, bool_)
# gelcap: export left8(int8, int8)
# gelcap: export left_u8(uint8, uint8)
# gelcap: export left64(int64, int64)
# gelcap: export right8(int8, int8)
# gelcap: export right_u64(uint64, uint64)
# gelcap: export right64(int64, int64)
# gelcap: export weak(uint32)
# gelcap: export xorshift(uint64)


def ops(a, b):
    return a & b, a | b, a ^ b


def mixed(a, b):
    return a & b, a | b, a ^ b


def invert(a, b, c):
    return ~a, ~b, ~c


def left8(a, n):
    return a << n


def left_u8(a, n):
    return a << n


def left64(a, n):
    return a << n


def right8(a, n):
    return a >> n


def right_u64(a, n):
    return a >> n


def right64(a, n):
    return a >> n


def weak(a):
    return a << 4, a >> 4, a & 255, 1 << a


def xorshift(x):
    x ^= x << 13
    x ^= x >> 7
    x ^= x << 17
    return x


# run: ops(-1, 255) == (np.int16(255), np.int16(-1), np.int16(-256))
# run: mixed(240, -2) == (np.int32(240), np.int32(-2), np.int32(-242))
# run: invert(5, 5, True) == (np.int8(-6), np.uint8(250), np.bool_(False))
# run: invert(-128, 0, False) == (np.int8(127), np.uint8(255), np.bool_(True))
# run: left8(1, 6) == np.int8(64)
# run: left8(1, 7) == np.int8(-128)
# run: left8(1, 8) == np.int8(0)
# run: left8(-1, 100) == np.int8(0)
# run: left_u8(255, 4) == np.uint8(240)
# run: left_u8(255, 8) == np.uint8(0)
# run: left64(1, 63) == np.int64(-9223372036854775808)
# run: left64(1, 64) == np.int64(0)
# run: left64(1, -1) == np.int64(0)
# run: right8(-128, 3) == np.int8(-16)
# run: right8(-128, 8) == np.int8(-1)
# run: right8(127, 8) == np.int8(0)
# run: right8(-1, -1) == np.int8(-1)
# run: right8(1, -1) == np.int8(0)
# run: right_u64(18446744073709551615, 63) == np.uint64(1)
# run: right_u64(18446744073709551615, 64) == np.uint64(0)
# run: right64(-5, 1) == np.int64(-3)
# run: right64(-5, 64) == np.int64(-1)
# run: weak(31) == (np.uint32(496), np.uint32(1), np.uint32(31), np.uint32(2147483648))
# run: weak(4294967295) == (np.uint32(4294967280), np.uint32(268435455), np.uint32(255), np.uint32(0))
# run: xorshift(88172645463325252) == np.uint64(8748534153485358512)
