//! The relocations that Cranelift makes, for every architecture we write code for: the one table that the shared
//! library writer and the in-process loader stand on. A relocation that is not here is refused, never guessed.

use object::elf;

/// An architecture of native code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arch {
    X86_64,
    Aarch64,
}

/// What a relocation asks for. `S` is the symbol's address, `A` the addend, `P` the place, `G` the address of the
/// symbol's slot in the global offset table, `page(x)` is `x` with its low 12 bits cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// 64 bits: S + A
    Absolute64,
    /// 64 bits: S + A - P
    Relative64,
    /// 32 bits: S + A - P
    Relative32,
    /// 32 bits: S + A - P, where S may be a stub that jumps to it
    Call32,
    /// 32 bits: G + A - P
    GotRelative32,
    /// `bl`, `b`: 26 bits of (S + A - P) / 4, where S may be a stub
    ArmCall26,
    /// `adrp`: 21 bits of (page(S + A) - page(P)) / 4096
    ArmPage21,
    /// `add`: the low 12 bits of S + A
    ArmAddLow12,
    /// `adrp`: 21 bits of (page(G + A) - page(P)) / 4096
    ArmGotPage21,
    /// 64-bit `ldr`: the low 12 bits of G + A, over 8
    ArmGotLoadLow12,
}

/// What stands for the symbol in a relocation's formula.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through {
    /// Its own address, known only if it is defined here, or left to the dynamic linker.
    Address,
    /// Its own address or a stub that jumps there.
    Stub,
    /// Its slot in the global offset table.
    Got,
}

impl Kind {
    /// The kind of an ELF relocation type, if it is one we know.
    pub fn of(arch: Arch, r_type: u32) -> Option<Kind> {
        match arch {
            Arch::X86_64 => match r_type {
                elf::R_X86_64_64 => Some(Kind::Absolute64),
                elf::R_X86_64_PC64 => Some(Kind::Relative64),
                elf::R_X86_64_PC32 => Some(Kind::Relative32),
                elf::R_X86_64_PLT32 => Some(Kind::Call32),
                elf::R_X86_64_GOTPCREL | elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX => {
                    Some(Kind::GotRelative32)
                }
                _ => None,
            },
            Arch::Aarch64 => match r_type {
                elf::R_AARCH64_ABS64 => Some(Kind::Absolute64),
                elf::R_AARCH64_PREL64 => Some(Kind::Relative64),
                elf::R_AARCH64_PREL32 => Some(Kind::Relative32),
                elf::R_AARCH64_CALL26 | elf::R_AARCH64_JUMP26 => Some(Kind::ArmCall26),
                elf::R_AARCH64_ADR_PREL_PG_HI21 => Some(Kind::ArmPage21),
                elf::R_AARCH64_ADD_ABS_LO12_NC => Some(Kind::ArmAddLow12),
                elf::R_AARCH64_ADR_GOT_PAGE => Some(Kind::ArmGotPage21),
                elf::R_AARCH64_LD64_GOT_LO12_NC => Some(Kind::ArmGotLoadLow12),
                _ => None,
            },
        }
    }

    pub fn through(self) -> Through {
        match self {
            Kind::Absolute64 | Kind::Relative64 | Kind::Relative32 | Kind::ArmPage21 | Kind::ArmAddLow12 => {
                Through::Address
            }
            Kind::Call32 | Kind::ArmCall26 => Through::Stub,
            Kind::GotRelative32 | Kind::ArmGotPage21 | Kind::ArmGotLoadLow12 => Through::Got,
        }
    }

    /// Writes the relocated field at the start of `field`. `target` is S or G with the addend. `None` if the field is
    /// cut off or the distance does not fit.
    pub fn apply(self, field: &mut [u8], target: u64, place: u64) -> Option<()> {
        let distance = target.wrapping_sub(place) as i64;
        let pages = ((target & !0xfff).wrapping_sub(place & !0xfff) as i64) >> 12;
        match self {
            Kind::Absolute64 => put(field, target.to_le_bytes()),
            Kind::Relative64 => put(field, distance.to_le_bytes()),
            Kind::Relative32 | Kind::Call32 | Kind::GotRelative32 => {
                put(field, i32::try_from(distance).ok()?.to_le_bytes())
            }
            Kind::ArmCall26 => {
                let words = fits(distance >> 2, 26).filter(|_| distance & 3 == 0)?;
                patch(field, 0x03ff_ffff, words)
            }
            Kind::ArmPage21 | Kind::ArmGotPage21 => {
                let pages = fits(pages, 21)?;
                patch(field, 0x60ff_ffe0, ((pages & 3) << 29) | ((pages >> 2) << 5))
            }
            Kind::ArmAddLow12 => patch(field, 0x003f_fc00, ((target & 0xfff) << 10) as u32),
            Kind::ArmGotLoadLow12 => {
                (target & 7 == 0).then_some(())?;
                patch(field, 0x003f_fc00, (((target & 0xfff) >> 3) << 10) as u32)
            }
        }
    }
}

/// The size of a stub.
pub const STUB: u64 = 16;

/// Machine code at `place` that jumps to the address in the table slot `slot`; it may clobber what the platform's
/// calling convention lets a linker's stub clobber, no more.
pub fn stub(arch: Arch, place: u64, slot: u64) -> Option<[u8; STUB as usize]> {
    match arch {
        Arch::X86_64 => {
            // jmp [rip + slot], then traps that are never reached.
            let mut code = [0xcc; STUB as usize];
            code[..2].copy_from_slice(&[0xff, 0x25]);
            Kind::Relative32.apply(&mut code[2..6], slot, place + 6)?;
            Some(code)
        }
        Arch::Aarch64 => {
            // adrp x16, page(slot); ldr x17, [x16, low12(slot)]; br x17; nop
            let mut code = [0; STUB as usize];
            for (i, word) in [0x9000_0010u32, 0xf940_0211, 0xd61f_0220, 0xd503_201f].iter().enumerate() {
                code[4 * i..4 * i + 4].copy_from_slice(&word.to_le_bytes());
            }
            Kind::ArmGotPage21.apply(&mut code[0..4], slot, place)?;
            Kind::ArmGotLoadLow12.apply(&mut code[4..8], slot, place + 4)?;
            Some(code)
        }
    }
}

/// Whether the relocation at `at` may do without the table where its symbol is defined here, as linkers are allowed to
/// have it: x86-64 loads by `mov register, [rip + field]` may become `lea`, AArch64's pair of `adrp` and `ldr` becomes
/// `adrp` and `add`.
pub fn is_relaxable(kind: Kind, code: &[u8], at: usize) -> bool {
    match kind {
        Kind::GotRelative32 => is_table_load(code, at),
        // The pair has one symbol, so that both halves are decided alike.
        Kind::ArmGotPage21 | Kind::ArmGotLoadLow12 => true,
        Kind::Absolute64
        | Kind::Relative64
        | Kind::Relative32
        | Kind::Call32
        | Kind::ArmCall26
        | Kind::ArmPage21
        | Kind::ArmAddLow12 => false,
    }
}

/// Turns the load of an address from the table into its computation; gives the kind of the field from now on. `None` if
/// the instruction is not the one that the relocation stands for.
pub fn relax(kind: Kind, code: &mut [u8], at: usize) -> Option<Kind> {
    match kind {
        Kind::GotRelative32 => {
            *code.get_mut(at.checked_sub(2)?)? = 0x8d;
            Some(Kind::Relative32)
        }
        Kind::ArmGotPage21 => Some(Kind::ArmPage21),
        Kind::ArmGotLoadLow12 => {
            let field = code.get_mut(at..)?;
            let load = u32::from_le_bytes(field.get(..4)?.try_into().ok()?);
            // ldr xA, [xB, offset] becomes add xA, xB, offset.
            (load & 0xffc0_0000 == 0xf940_0000).then_some(())?;
            put(field, (0x9100_0000 | (load & 0x3ff)).to_le_bytes())?;
            Some(Kind::ArmAddLow12)
        }
        Kind::Absolute64
        | Kind::Relative64
        | Kind::Relative32
        | Kind::Call32
        | Kind::ArmCall26
        | Kind::ArmPage21
        | Kind::ArmAddLow12 => Some(kind),
    }
}

/// REX.W, opcode, ModRM with no base but rip.
fn is_table_load(code: &[u8], at: usize) -> bool {
    let Some(&[rex, opcode, modrm]) = at.checked_sub(3).and_then(|start| code.get(start..at)?.first_chunk::<3>())
    else {
        return false;
    };
    rex & 0xf8 == 0x48 && opcode == 0x8b && modrm & 0xc7 == 0x05
}

fn put<const N: usize>(field: &mut [u8], bytes: [u8; N]) -> Option<()> {
    field.get_mut(..N)?.copy_from_slice(&bytes);
    Some(())
}

/// The low `bits` of `value`, if it is the same value read as signed.
fn fits(value: i64, bits: u32) -> Option<u32> {
    let half = 1i64 << (bits - 1);
    (-half..half).contains(&value).then(|| (value as u32) & ((1u32 << bits) - 1))
}

/// Replaces the bits under `mask` in a 32-bit instruction.
fn patch(field: &mut [u8], mask: u32, bits: u32) -> Option<()> {
    let old = u32::from_le_bytes(field.get(..4)?.try_into().ok()?);
    put(field, ((old & !mask) | (bits & mask)).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(kind: Kind, instruction: u32, target: u64, place: u64) -> Option<u32> {
        let mut field = instruction.to_le_bytes();
        kind.apply(&mut field, target, place)?;
        Some(u32::from_le_bytes(field))
    }

    #[test]
    fn relative_fields() {
        assert_eq!(word(Kind::Relative32, 0, 0x1000, 0x1004), Some(0xffff_fffc));
        assert_eq!(word(Kind::Call32, 0, 0x1_0000_0000, 0), None);
        assert_eq!(Kind::Absolute64.apply(&mut [0; 4], 0, 0), None);
    }

    #[test]
    fn arm_instructions() {
        assert_eq!(word(Kind::ArmCall26, 0x9400_0000, 0x1000, 0x1010), Some(0x97ff_fffc));
        assert_eq!(word(Kind::ArmCall26, 0x9400_0000, 0x1002, 0x1000), None);
        assert_eq!(word(Kind::ArmPage21, 0x9000_0001, 0x1_2345, 0x1_0ffc), Some(0xd000_0001));
        assert_eq!(word(Kind::ArmPage21, 0x9000_0001, 0x0, 0x1000), Some(0xf0ff_ffe1));
        assert_eq!(word(Kind::ArmAddLow12, 0x9100_0021, 0x1_2345, 0), Some(0x910d_1421));
        assert_eq!(word(Kind::ArmGotLoadLow12, 0xf940_0021, 0x1_2348, 0), Some(0xf941_a421));
        assert_eq!(word(Kind::ArmGotLoadLow12, 0xf940_0021, 0x1_2345, 0), None);
    }

    #[test]
    fn table_loads_become_address_computations() {
        // mov r9, [rip + 0]
        let mut code = [0x90, 0x4c, 0x8b, 0x0d, 0, 0, 0, 0];
        let load = |code: &[u8], at| is_relaxable(Kind::GotRelative32, code, at);
        assert!(load(&code, 4));
        assert_eq!(relax(Kind::GotRelative32, &mut code, 4), Some(Kind::Relative32));
        assert_eq!(code[1..4], [0x4c, 0x8d, 0x0d]);
        assert!(!load(&code, 4) && !load(&code, 2) && !load(&code, 20));
        assert!(!is_relaxable(Kind::ArmAddLow12, &code, 0));
        // ldr x3, [x4]
        let mut code = 0xf940_0083u32.to_le_bytes();
        assert_eq!(relax(Kind::ArmGotLoadLow12, &mut code, 0), Some(Kind::ArmAddLow12));
        assert_eq!(code, 0x9100_0083u32.to_le_bytes());
        assert_eq!(relax(Kind::ArmGotLoadLow12, &mut code, 0), None);
    }

    #[test]
    fn stubs_jump_through_their_slot() {
        let code = stub(Arch::X86_64, 0x1000, 0x3000).unwrap();
        assert_eq!(code[..6], [0xff, 0x25, 0xfa, 0x1f, 0, 0]);
        let code = stub(Arch::Aarch64, 0x1000, 0x3018).unwrap();
        assert_eq!(code[..8], [0x10, 0, 0, 0xd0, 0x11, 0x0e, 0x40, 0xf9]);
    }
}
