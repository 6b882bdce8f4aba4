//! Checks of the processor. At import: a file may come to a machine that lacks what it was compiled for, and would die
//! there of an illegal instruction. At every call: a thread may have been switched to another float arithmetic.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use cranelift_module::{Linkage, Module as _};

use super::code::Glue;
use crate::back::{CpuLevel, Machine, Target};

/// `void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])`: there is no such instruction in Cranelift.
const CPUID: &[u8] = &[
    0x53, // push rbx
    0x49, 0x89, 0xd0, // mov r8, rdx
    0x89, 0xf8, // mov eax, edi
    0x89, 0xf1, // mov ecx, esi
    0x0f, 0xa2, // cpuid
    0x41, 0x89, 0x00, // mov [r8], eax
    0x41, 0x89, 0x58, 0x04, // mov [r8 + 4], ebx
    0x41, 0x89, 0x48, 0x08, // mov [r8 + 8], ecx
    0x41, 0x89, 0x50, 0x0c, // mov [r8 + 12], edx
    0x5b, // pop rbx
    0xc3, // ret
];

/// `uint32_t xgetbv(void)`: which registers the system saves. Only where `cpuid` says OSXSAVE.
const XGETBV: &[u8] = &[
    0x31, 0xc9, // xor ecx, ecx
    0x0f, 0x01, 0xd0, // xgetbv
    0xc3, // ret
];

/// `uint32_t float_control(void)`: the register that says how this thread does float arithmetic.
const MXCSR: &[u8] = &[
    0x0f, 0xae, 0x5c, 0x24, 0xf8, // stmxcsr [rsp - 8]
    0x8b, 0x44, 0x24, 0xf8, // mov eax, [rsp - 8]
    0xc3, // ret
];

/// The same on AArch64.
const FPCR: &[u8] = &[
    0x00, 0x44, 0x3b, 0xd5, // mrs x0, fpcr
    0xc0, 0x03, 0x5f, 0xd6, // ret
];

/// In MXCSR: results or operands flushed to zero, rounding other than to nearest.
const MXCSR_CHANGED: i32 = 0x8000 | 0x0040 | 0x6000;

/// The same in FPCR.
const FPCR_CHANGED: i32 = 0x0100_0000 | 0x00c0_0000;

/// Where `cpuid` puts its answers.
const EBX: u32 = 4;
const ECX: u32 = 8;

/// A question and the bits that must be set in the answer.
enum Check {
    Cpuid { leaf: u32, register: u32, bits: u32 },
    SystemSaves { bits: u32 },
}

/// SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT.
const V2: &[Check] = &[Check::Cpuid { leaf: 1, register: ECX, bits: 0x0098_2201 }];

/// FMA, OSXSAVE, AVX; AVX registers; BMI1, AVX2, BMI2; LZCNT.
const V3: &[Check] = &[
    Check::Cpuid { leaf: 1, register: ECX, bits: 0x1800_1000 },
    Check::SystemSaves { bits: 0x06 },
    Check::Cpuid { leaf: 7, register: EBX, bits: 0x0000_0128 },
    Check::Cpuid { leaf: 0x8000_0001, register: ECX, bits: 0x0000_0020 },
];

/// AVX-512 registers; F, DQ, VL.
const V4: &[Check] = &[Check::SystemSaves { bits: 0xe6 }, Check::Cpuid { leaf: 7, register: EBX, bits: 0x8003_0000 }];

pub fn define(glue: &mut Glue<'_>, target: &Target) -> Result<(), String> {
    define_float_state(glue, target)?;
    define_check(glue, target)
}

/// `int float_state(void)`: not 0 if this thread flushes subnormals or rounds otherwise than to nearest.
fn define_float_state(glue: &mut Glue<'_>, target: &Target) -> Result<(), String> {
    let (code, changed) = match target.machine {
        Machine::X86_64(_) => (MXCSR, MXCSR_CHANGED),
        Machine::Aarch64 => (FPCR, FPCR_CHANGED),
        Machine::Wasm(_) => return Err("wasm is not native code".to_string()),
    };
    define_code(glue, "glue.float_control", "", 'i', code)?;
    glue.define("glue.float_state", "", 'i', Linkage::Local, |c, _| {
        let control = c.call("glue.float_control", &[])?;
        let changed = c.int32(changed);
        let state = c.b.ins().band(control, changed);
        c.ret(state);
        Ok(())
    })
    .map(|_| ())
}

/// A function of ready machine code.
fn define_code(glue: &mut Glue<'_>, name: &str, params: &str, result: char, code: &[u8]) -> Result<(), String> {
    let id = glue.declare(name, params, result, Linkage::Local)?;
    glue.object.define_function_bytes(id, 16, code, &[]).map_err(|e| e.to_string())
}

/// `int check_cpu(void)`: 0, or -1 with an ImportError set.
fn define_check(glue: &mut Glue<'_>, target: &Target) -> Result<(), String> {
    let (checks, name): (Vec<&Check>, &str) = match target.machine {
        Machine::X86_64(CpuLevel::V2) => (V2.iter().collect(), "x86-64-v2"),
        Machine::X86_64(CpuLevel::V3) => (V2.iter().chain(V3).collect(), "x86-64-v3"),
        Machine::X86_64(CpuLevel::V4) => (V2.iter().chain(V3).chain(V4).collect(), "x86-64-v4"),
        Machine::X86_64(CpuLevel::Host) => return Err("code for this host alone cannot go into a file".to_string()),
        Machine::Aarch64 => (Vec::new(), "aarch64"),
        Machine::Wasm(_) => return Err("wasm is not native code".to_string()),
    };
    if !checks.is_empty() {
        define_code(glue, "glue.cpuid", "iip", 'v', CPUID)?;
        define_code(glue, "glue.xgetbv", "", 'i', XGETBV)?;
    }
    let message = format!("this module was compiled for processors with {name}, which this one is not");
    glue.define("glue.check_cpu", "", 'i', Linkage::Local, |c, _| {
        for check in checks {
            let (answer, bits) = match *check {
                Check::Cpuid { leaf, register, bits } => {
                    let registers = c.stack(16);
                    let (leaf, subleaf) = (c.int32(leaf as i32), c.int32(0));
                    c.call("glue.cpuid", &[leaf, subleaf, registers])?;
                    (c.load(types::I32, registers, register), bits)
                }
                Check::SystemSaves { bits } => (c.call("glue.xgetbv", &[])?, bits),
            };
            let bits = c.int32(bits as i32);
            let present = c.b.ins().band(answer, bits);
            let lacking = c.compare(IntCC::NotEqual, present, bits);
            c.guard(lacking, |c| super::methods::import_error(c, &message))?;
        }
        let fine = c.int32(0);
        c.ret(fine);
        Ok(())
    })
    .map(|_| ())
}
