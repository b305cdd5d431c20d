//! Photographs as phones keep them: HEIC.

use std::panic::{AssertUnwindSafe, catch_unwind};

use docuvault_extract::Limits;
use docuvault_extract::protocol::Failure;
use heifer::{FileTypeResult, Options, check_file_type};
use image::{DynamicImage, RgbaImage};

/// Whether these are pictures in HEIF's container. Of its codecs only HEVC is read.
pub fn is_heic(bytes: &[u8]) -> bool {
    !matches!(check_file_type(bytes), FileTypeResult::No)
        && bytes.get(4..8) == Some(b"ftyp".as_slice())
}

/// Decodes the first picture, turned and cropped as the file says.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, Failure> {
    let options = Options {
        // Documents are read side by side instead.
        max_threads: 1,
        max_pixels: limits.picture_pixels,
    };
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        heifer::decode_srgb_rgba8(bytes, &options)
    }));
    let picture = decoded
        .map_err(|_| Failure::Damaged)?
        .map_err(|error| match error {
            heifer::Error::Unsupported(_) => Failure::Unsupported,
            heifer::Error::Invalid(reason) if reason.ends_with("too large") => {
                Failure::LimitExceeded("image_pixels".to_owned())
            }
            _ => Failure::Damaged,
        })?;
    let is_opaque = !picture.has_alpha;
    let rgba = RgbaImage::from_raw(picture.width, picture.height, picture.data);
    let picture = DynamicImage::ImageRgba8(rgba.ok_or(Failure::Damaged)?);
    Ok(if is_opaque {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    } else {
        picture
    })
}
