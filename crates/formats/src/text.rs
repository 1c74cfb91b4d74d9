//! Bytes to text: what spreadsheets and editors really write.
//!
//! | bytes | read as |
//! |---|---|
//! | UTF-8, with or without a byte-order mark | UTF-8 |
//! | UTF-16 with a byte-order mark ("Unicode text" of spreadsheets) | UTF-16 |
//! | tables only: bytes that are not UTF-8 and could be Windows-1252 | Windows-1252 |
//!
//! Everything else is a [`TextError`]. A guess that would quietly spoil macrons is refused: a file that is partly UTF-8 and
//! partly not is an error, not Windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use peermatch_model::fault::{Faults, Place};
use thiserror::Error;

use crate::report;

/// The largest file that is read, in bytes: 1 GiB.
pub const FILE_BYTES_MAX: u64 = 1 << 30;

/// Why bytes are not text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextError {
    /// No bytes, or nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// A NUL byte: a spreadsheet's own format, or UTF-16 without its mark.
    #[error(
        "the file holds a NUL byte, so it is not plain text (a workbook, or UTF-16 without its mark)"
    )]
    Nul {
        /// Where, in bytes from the start.
        offset: usize,
    },
    /// Not UTF-8, where nothing else is allowed.
    #[error("the file is not UTF-8")]
    NotUtf8 {
        /// Where, in bytes from the start.
        offset: usize,
    },
    /// UTF-16 that breaks off or holds half a character.
    #[error("the file says that it is UTF-16, but it is damaged")]
    NotUtf16,
    /// Neither UTF-8 nor Windows-1252, or a mixture of both.
    #[error("the file mixes encodings or uses one that is not read")]
    Mixed {
        /// The first byte that is not UTF-8, from the start.
        offset: usize,
    },
}

impl TextError {
    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Empty => "write the file, or take it away if it is not needed",
            Self::NotUtf8 { .. } => "save it as UTF-8",
            Self::Nul { .. } | Self::NotUtf16 | Self::Mixed { .. } => {
                "save it again as text; in a spreadsheet choose \"CSV UTF-8 (comma delimited)\""
            }
        }
    }

    /// As the one fault of a file.
    pub fn into_faults(self, file: &str, bytes: &[u8]) -> Faults {
        let offset = match self {
            Self::Nul { offset } | Self::NotUtf8 { offset } | Self::Mixed { offset } => {
                Some(offset)
            }
            Self::Empty | Self::NotUtf16 => None,
        };
        let mut place = report::whole(file);
        let mut value = String::new();
        if let Some(offset) = offset {
            let before = &bytes[..offset.min(bytes.len())];
            let line = before.split(|&b| b == b'\n').count();
            place = Place { line: report::number(line), ..place };
            value = bytes.get(offset).map(|b| format!("byte 0x{b:02X}")).unwrap_or_default();
        }
        report::one(place, "", value, self.to_string(), self.fix())
    }
}

/// Text of a document (JSON, TOML): UTF-8, or UTF-16 with its mark.
///
/// ```
/// use peermatch_formats::text::{TextError, document};
/// assert_eq!(document(b"\xEF\xBB\xBF{}").unwrap(), "{}");
/// assert_eq!(document(b"{\"a\": \"M\xE4ori\"}"), Err(TextError::NotUtf8 { offset: 8 }));
/// ```
///
/// # Errors
/// [`TextError`] if the bytes are not such text, or hold nothing.
pub fn document(bytes: &[u8]) -> Result<Cow<'_, str>, TextError> {
    decode(bytes, |bytes, offset| {
        let _ = bytes;
        Err(TextError::NotUtf8 { offset })
    })
}

/// Text of a table (CSV, TSV): as [`document`], or Windows-1252.
///
/// ```
/// use peermatch_formats::text::table;
/// assert_eq!(table(b"id,name\np1,Ren\xE9\n").unwrap(), "id,name\np1,René\n");
/// ```
///
/// # Errors
/// [`TextError`] if the bytes are not such text, or hold nothing.
pub fn table(bytes: &[u8]) -> Result<Cow<'_, str>, TextError> {
    decode(bytes, |bytes, offset| {
        // These five stand for nothing in Windows-1252, and a file that also holds characters of UTF-8 is a mixture.
        let unused = bytes.iter().any(|b| matches!(b, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
        if unused || holds_utf8_characters(bytes) {
            return Err(TextError::Mixed { offset });
        }
        Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0)
    })
}

fn decode<'a>(
    bytes: &'a [u8],
    otherwise: impl FnOnce(&'a [u8], usize) -> Result<Cow<'a, str>, TextError>,
) -> Result<Cow<'a, str>, TextError> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding == UTF_16LE || encoding == UTF_16BE => encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
            .ok_or(TextError::NotUtf16)?,
        marked => {
            let mark = marked.map_or(0, |(_, mark)| mark);
            match std::str::from_utf8(&bytes[mark..]) {
                Ok(text) => Cow::Borrowed(text),
                Err(error) if mark > 0 => {
                    return Err(TextError::NotUtf8 { offset: mark + error.valid_up_to() });
                }
                // Checked first: a workbook is never "mixed encodings".
                Err(error) => match bytes.iter().position(|&b| b == 0) {
                    Some(offset) => return Err(TextError::Nul { offset }),
                    None => otherwise(bytes, error.valid_up_to())?,
                },
            }
        }
    };
    if let Some(offset) = text.find('\0') {
        return Err(TextError::Nul { offset });
    }
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    Ok(text)
}

/// Whether bytes that are not all UTF-8 hold a character of two or more bytes that is.
fn holds_utf8_characters(mut bytes: &[u8]) -> bool {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(rest) => return !rest.is_ascii(),
            Err(error) => {
                let (right, rest) = bytes.split_at(error.valid_up_to());
                if !right.is_ascii() {
                    return true;
                }
                bytes = &rest[error.error_len().unwrap_or(rest.len()).max(1).min(rest.len())..];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let mut units = vec![0xFEFF_u16];
        units.extend(text.encode_utf16());
        units
            .into_iter()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "id,name\np1,René\n";
        assert_eq!(table(text.as_bytes()).unwrap(), text);
        assert_eq!(table(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        assert_eq!(table(&utf16(text, true)).unwrap(), text);
        assert_eq!(table(&utf16(text, false)).unwrap(), text);
        assert_eq!(table(&WINDOWS_1252.encode(text).0).unwrap(), text);
    }

    #[test]
    fn what_is_not_text_is_refused_in_words() {
        assert_eq!(table(b""), Err(TextError::Empty));
        assert_eq!(table(b"\xEF\xBB\xBF \r\n"), Err(TextError::Empty));
        assert_eq!(table(b"PK\x03\x04\x00\xFF"), Err(TextError::Nul { offset: 4 }));
        assert_eq!(table(b"i\0d\0"), Err(TextError::Nul { offset: 1 }));
        assert_eq!(table(b"\xFF\xFEi\0d"), Err(TextError::NotUtf16));
        let faults = TextError::Nul { offset: 2 }.into_faults("people.csv", b"a\n\0");
        assert_eq!(
            faults.iter().next().unwrap().to_string().split(": ").take(2).collect::<Vec<_>>(),
            ["people.csv:2", "`byte 0x00`"]
        );
    }

    #[test]
    fn a_mixture_is_not_windows_1252() {
        let mut bytes = "Māori ".as_bytes().to_vec();
        bytes.extend(b"Ren\xE9");
        assert_eq!(table(&bytes), Err(TextError::Mixed { offset: 10 }));
        let mut bytes = "mēnā ".as_bytes().to_vec();
        bytes.truncate(bytes.len() - 2);
        assert!(
            matches!(table(&bytes), Err(TextError::Mixed { .. })),
            "cut in the middle of a character"
        );
    }
}
