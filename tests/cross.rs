//! Objects and extension modules for AArch64, made on any machine: what a dynamic linker of that system looks at.
//! Whether the code computes the same is for the judges, who run it where there is an emulator.

use gelcap_compiler::abi::imports::Import;
use gelcap_compiler::back::Target;
use gelcap_compiler::options::Options;
use gelcap_compiler::passes::Quiet;
use gelcap_compiler::request::{self, Request};
use object::elf;
use object::read::elf::ElfFile64;
use object::{Architecture, Object, ObjectKind, ObjectSection, ObjectSegment, ObjectSymbol, RelocationFlags};

/// Tables in memory, calls among kernels, raises, recursion, a capsule.
const SOURCE: &str = "\
import math

# gelcap: export wave(float, int)
def wave(x, n):
    return math.sin(x) / n

# gelcap: export fib(int)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

#pythran export capsule f(int32, float64*, float64*)
def f(n, x, c):
    if n != 3:
        raise ValueError('three')
    return c[0] + x[0] - x[1] * x[2]
";

type Elf<'a> = ElfFile64<'a, object::Endianness>;

fn request() -> (Request, Options) {
    (Request::text("lib.py", SOURCE).exports(), Options::new(Target::aarch64()))
}

fn relocation_type(flags: RelocationFlags) -> u32 {
    match flags {
        RelocationFlags::Elf { r_type } => r_type,
        other => panic!("{other:?} is not of ELF"),
    }
}

#[test]
fn objects() {
    let (request, options) = request();
    let compiled = request::compile(&request, &options, &mut Quiet).unwrap();
    let code = &compiled.artifact.native().unwrap().object;
    let file = Elf::parse(&**code).unwrap();
    assert_eq!((file.architecture(), file.kind()), (Architecture::Aarch64, ObjectKind::Relocatable));
    assert_eq!(file.elf_header().e_machine.get(file.endian()), elf::EM_AARCH64);
    let defined: Vec<&str> =
        file.symbols().filter(|s| s.is_global() && s.is_definition()).map(|s| s.name().unwrap()).collect();
    for symbol in ["gelcap_packed_wave", "gelcap_packed_fib", "gelcap_packed_f", "gelcap_c_f"] {
        assert!(defined.contains(&symbol), "{symbol} is not in {defined:?}");
    }
    for symbol in file.symbols().filter(|s| s.is_undefined() && !s.name().unwrap().is_empty()) {
        assert!(Import::from_symbol(symbol.name().unwrap()).is_some(), "{:?} is wanted", symbol.name());
    }
    let of_section = |name: &str| -> Vec<u32> {
        let sections = file.sections().filter(|s| s.name().unwrap().starts_with(name));
        sections.flat_map(|s| s.relocations().map(|(_, r)| relocation_type(r.flags())).collect::<Vec<_>>()).collect()
    };
    let code = of_section(".text");
    for wanted in [elf::R_AARCH64_ADR_GOT_PAGE, elf::R_AARCH64_LD64_GOT_LO12_NC, elf::R_AARCH64_CALL26] {
        assert!(code.contains(&wanted), "no relocation {wanted} in {code:?}");
    }
}

#[test]
fn extension_modules() {
    let (request, options) = request();
    let built = request::extension(&request, &options, "lib", &mut Quiet).unwrap().built;
    let file = Elf::parse(&*built.library).unwrap();
    assert_eq!((file.architecture(), file.kind()), (Architecture::Aarch64, ObjectKind::Dynamic));
    let exported: Vec<&str> = file.dynamic_symbols().filter(|s| s.is_definition()).map(|s| s.name().unwrap()).collect();
    assert_eq!(exported, ["PyInit_lib", "gelcap_c_f"]);
    for symbol in file.dynamic_symbols().filter(|s| s.is_undefined()) {
        let name = symbol.name().unwrap();
        assert!(["Py", "_Py", "pthread_"].iter().any(|p| name.starts_with(p)), "{name} is wanted");
    }
    // Pages may have 64 KiB, and none is writable and executable.
    for segment in file.segments() {
        assert_eq!(segment.align(), 1 << 16);
        assert_eq!(segment.address() % (1 << 16), segment.file_range().0 % (1 << 16));
        let object::SegmentFlags::Elf { p_flags } = segment.flags() else { panic!("not ELF") };
        assert_ne!(p_flags & (elf::PF_W | elf::PF_X), elf::PF_W | elf::PF_X);
    }
    let allowed = [elf::R_AARCH64_RELATIVE, elf::R_AARCH64_GLOB_DAT, elf::R_AARCH64_ABS64];
    let mut left = 0;
    for (place, relocation) in file.dynamic_relocations().unwrap() {
        assert!(allowed.contains(&relocation_type(relocation.flags())));
        let inside = |s: &object::read::elf::ElfSegment64<'_, '_, object::Endianness>| {
            (s.address()..s.address() + s.size()).contains(&place)
        };
        let object::SegmentFlags::Elf { p_flags } = file.segments().find(inside).unwrap().flags() else { panic!() };
        assert_eq!(p_flags & elf::PF_X, 0, "a relocation in code");
        left += 1;
    }
    assert!(left > 20);
}
