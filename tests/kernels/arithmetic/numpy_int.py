"""NumPy integers wrap, and division by zero gives 0."""
# gelcap: export add8(int8, int8)
# gelcap: export mul8(int8, int8)
# gelcap: export sub_u8(uint8, uint8)
# gelcap: export mul64(int64, int64)
# gelcap: export add_u64(uint64, uint64)
# gelcap: export neg8(int8)
# gelcap: export neg_u16(uint16)
# gelcap: export abs32(int32)
# gelcap: export div32(int32, int32)
# gelcap: export div64(int64, int64)
# gelcap: export div_u8(uint8, uint8)
# gelcap: export floor32(int32, int32)
# gelcap: export floor64(int64, int64)
# gelcap: export floor_u64(uint64, uint64)
# gelcap: export mod16(int16, int16)
# gelcap: export mod_u32(uint32, uint32)
# gelcap: export both8(int8, int8)
# gelcap: export square_u32(uint32)


def add8(a, b):
    return a + b


def mul8(a, b):
    return a * b


def sub_u8(a, b):
    return a - b


def mul64(a, b):
    return a * b


def add_u64(a, b):
    return a + b


def neg8(a):
    return -a


def neg_u16(a):
    return -a


def abs32(a):
    return abs(a)


def div32(a, b):
    return a / b


def div64(a, b):
    return a / b


def div_u8(a, b):
    return a / b


def floor32(a, b):
    return a // b


def floor64(a, b):
    return a // b


def floor_u64(a, b):
    return a // b


def mod16(a, b):
    return a % b


def mod_u32(a, b):
    return a % b


def both8(a, b):
    return divmod(a, b)


def square_u32(a):
    return a * a


# run: add8(100, 100) == np.int8(-56)
# run: add8(-128, -1) == np.int8(127)
# run: mul8(16, 16) == np.int8(0)
# run: mul8(-128, -1) == np.int8(-128)
# run: sub_u8(3, 5) == np.uint8(254)
# run: mul64(9223372036854775807, 2) == np.int64(-2)
# run: add_u64(18446744073709551615, 2) == np.uint64(1)
# run: neg8(-128) == np.int8(-128)
# run: neg8(5) == np.int8(-5)
# run: neg_u16(1) == np.uint16(65535)
# run: neg_u16(0) == np.uint16(0)
# run: abs32(-2147483648) == np.int32(-2147483648)
# run: abs32(-7) == np.int32(7)
# run: div32(7, 2) == np.float64(3.5)
# run: div32(7, 0) == np.float64(inf)
# run: div32(0, 0) == np.float64(nan)
# run: div32(-7, 0) == np.float64(-inf)
# run: div64(9223372036854775807, 3) == np.float64(3.0744573456182584e+18)
# run: div64(9007199254740993, 1) == np.float64(9007199254740992.0)
# run: div_u8(255, 2) == np.float64(127.5)
# run: floor32(7, 0) == np.int32(0)
# run: floor32(-7, 2) == np.int32(-4)
# run: floor32(-2147483648, -1) == np.int32(-2147483648)
# run: floor64(7, -2) == np.int64(-4)
# run: floor64(-9223372036854775808, -1) == np.int64(-9223372036854775808)
# run: floor64(1, 0) == np.int64(0)
# run: floor_u64(18446744073709551615, 2) == np.uint64(9223372036854775807)
# run: floor_u64(18446744073709551615, 0) == np.uint64(0)
# run: mod16(-7, 3) == np.int16(2)
# run: mod16(7, -3) == np.int16(-2)
# run: mod16(7, 0) == np.int16(0)
# run: mod16(-32768, -1) == np.int16(0)
# run: mod_u32(4294967295, 10) == np.uint32(5)
# run: mod_u32(1, 0) == np.uint32(0)
# run: both8(-128, -1) == (np.int8(-128), np.int8(0))
# run: both8(-7, 2) == (np.int8(-4), np.int8(1))
# run: both8(5, 0) == (np.int8(0), np.int8(0))
# run: square_u32(65537) == np.uint32(131073)
