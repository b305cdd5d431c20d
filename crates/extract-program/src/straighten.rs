//! Straightens a page that lay a little askew in the scanner.

use hayro::kurbo::Affine;
use image::{GrayImage, Luma};

const MAX_DEGREES: f32 = 5.0;
const COARSE_STEP_DEGREES: f32 = 0.5;
const FINE_STEP_DEGREES: f32 = 0.1;
/// The OCR program copes with less than this by itself.
const HARMLESS_DEGREES: f32 = 0.4;
/// Turned by the right angle, lines of text must stand out this much more than as the page lies.
const CLEARER_BY: f64 = 1.15;
/// Long side of the small copy on which the angle is measured.
const MEASURED_SIDE_PX: u32 = 1_200;
/// So many places with ink tell the angle as well as all of them.
const MEASURED_PLACES: usize = 40_000;
/// More ink than this is a photograph, less is nothing to go by.
const INK_SHARE: std::ops::Range<f32> = 0.001..0.35;
const PAPER: u8 = 255;

/// A page with its lines level.
pub struct Straightened {
    pub page: GrayImage,
    /// From its pixels to those of the page as it lay.
    pub as_it_lay: Affine,
}

/// The page with its lines level, or `None` when they are level already or there are none.
pub fn straighten(page: &GrayImage) -> Option<Straightened> {
    let degrees = skew_degrees(page)?;
    (degrees.abs() >= HARMLESS_DEGREES).then(|| Straightened {
        page: turn(page, -degrees),
        as_it_lay: before_turn(page, -degrees),
    })
}

/// By how much the lines of text descend to the right, in degrees.
fn skew_degrees(page: &GrayImage) -> Option<f32> {
    let ink = find_ink(page)?;
    let as_it_lies = sharpness(&ink, 0.0);
    let coarse = sharpest(&ink, 0.0, MAX_DEGREES, COARSE_STEP_DEGREES);
    let fine = sharpest(&ink, coarse, COARSE_STEP_DEGREES, FINE_STEP_DEGREES);
    (sharpness(&ink, fine) > CLEARER_BY * as_it_lies).then_some(fine)
}

/// Places with ink on a small copy of the page.
fn find_ink(page: &GrayImage) -> Option<Vec<(f32, f32)>> {
    let long_side = page.width().max(page.height());
    let scale = (MEASURED_SIDE_PX as f32 / long_side as f32).min(1.0);
    let side = |length: u32| ((length as f32 * scale) as u32).max(1);
    let small = image::imageops::thumbnail(page, side(page.width()), side(page.height()));
    let threshold = ink_threshold(&small);
    let ink: Vec<(f32, f32)> = small
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0] < threshold)
        .map(|(x, y, _)| (x as f32, y as f32))
        .collect();
    let share = ink.len() as f32 / (small.width() * small.height()) as f32;
    let step = ink.len() / MEASURED_PLACES + 1;
    INK_SHARE
        .contains(&share)
        .then(|| ink.into_iter().step_by(step).collect())
}

/// The grey that parts the page best into two (Otsu's method).
fn ink_threshold(page: &GrayImage) -> u8 {
    let mut counts = [0.0_f64; 256];
    for pixel in page.pixels() {
        counts[usize::from(pixel.0[0])] += 1.0;
    }
    let total: f64 = counts.iter().sum();
    let whole_sum: f64 = (0..)
        .zip(&counts)
        .map(|(grey, n)| f64::from(grey) * n)
        .sum();
    let (mut dark, mut dark_sum, mut best) = (0.0, 0.0, (0.0, 0));
    for (grey, count) in (0..=255_u8).zip(&counts) {
        dark += count;
        dark_sum += f64::from(grey) * count;
        let light = total - dark;
        if dark == 0.0 || light == 0.0 {
            continue;
        }
        let apart = dark_sum / dark - (whole_sum - dark_sum) / light;
        let spread = dark * light * apart * apart;
        if spread > best.0 {
            best = (spread, grey);
        }
    }
    best.1.saturating_add(1)
}

fn sharpest(ink: &[(f32, f32)], middle: f32, reach: f32, step: f32) -> f32 {
    let steps = (reach / step).round() as i32;
    (-steps..=steps)
        .map(|number| middle + number as f32 * step)
        .map(|degrees| (sharpness(ink, degrees), degrees))
        .fold(
            (-1.0, middle),
            |best, next| {
                if next.0 > best.0 { next } else { best }
            },
        )
        .1
}

/// How sharply rows with ink and rows without follow one another when looked at along this angle.
fn sharpness(ink: &[(f32, f32)], degrees: f32) -> f64 {
    let slope = degrees.to_radians().tan();
    let room = MEASURED_SIDE_PX as usize;
    let mut rows = vec![0.0_f64; 3 * room];
    for (x, y) in ink {
        let row = (y - x * slope) as i32 + room as i32;
        if let Some(count) = usize::try_from(row).ok().and_then(|row| rows.get_mut(row)) {
            *count += 1.0;
        }
    }
    rows.windows(2)
        .map(|pair| (pair[1] - pair[0]).powi(2))
        .sum()
}

/// Turns the page clockwise about its middle, on a sheet large enough for all of it.
pub fn turn(page: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (page.width() as f32, page.height() as f32);
    let new_width = width * cos.abs() + height * sin.abs();
    let new_height = width * sin.abs() + height * cos.abs();
    GrayImage::from_fn(new_width as u32, new_height as u32, |x, y| {
        let (x, y) = (x as f32 - new_width / 2.0, y as f32 - new_height / 2.0);
        let from_x = x * cos + y * sin + width / 2.0;
        let from_y = y * cos - x * sin + height / 2.0;
        Luma([between_pixels(page, from_x, from_y)])
    })
}

/// Where [`turn`] took the pixels from.
fn before_turn(page: &GrayImage, degrees: f32) -> Affine {
    let (width, height) = (page.width() as f32, page.height() as f32);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let new_width = width * cos.abs() + height * sin.abs();
    let new_height = width * sin.abs() + height * cos.abs();
    let middle = |width: f32, height: f32| (f64::from(width / 2.0), f64::from(height / 2.0));
    let (old, new) = (middle(width, height), middle(new_width, new_height));
    Affine::translate(old)
        * Affine::rotate(f64::from(-degrees.to_radians()))
        * Affine::translate((-new.0, -new.1))
}

fn between_pixels(page: &GrayImage, x: f32, y: f32) -> u8 {
    let (left, top) = (x.floor(), y.floor());
    let grey = |x: f32, y: f32| {
        let is_inside = x >= 0.0 && y >= 0.0 && x < page.width() as f32 && y < page.height() as f32;
        let grey = if is_inside {
            page.get_pixel(x as u32, y as u32).0[0]
        } else {
            PAPER
        };
        f32::from(grey)
    };
    let (right_share, lower_share) = (x - left, y - top);
    let upper = grey(left, top) * (1.0 - right_share) + grey(left + 1.0, top) * right_share;
    let lower =
        grey(left, top + 1.0) * (1.0 - right_share) + grey(left + 1.0, top + 1.0) * right_share;
    (upper * (1.0 - lower_share) + lower * lower_share).round() as u8
}

#[cfg(test)]
mod tests {
    use hayro::kurbo::Point;
    use image::{GrayImage, Luma};

    use super::{PAPER, before_turn, skew_degrees, straighten, turn};

    /// Lines of dashes, as text looks from afar.
    fn page() -> GrayImage {
        GrayImage::from_fn(600, 800, |x, y| {
            let in_margin = !(60..540).contains(&x) || !(60..740).contains(&y);
            let is_ink = y % 20 < 6 && (x / 7 + y / 20 * 3) % 5 != 0;
            Luma([if is_ink && !in_margin { 30 } else { PAPER }])
        })
    }

    #[test]
    fn finds_the_angle_either_way() {
        for degrees in [-4.5, -2.0, -0.7, 0.7, 3.0, 5.0] {
            let found = skew_degrees(&turn(&page(), degrees)).unwrap();
            assert!((found - degrees).abs() < 0.25, "{degrees}: {found}");
        }
    }

    #[test]
    fn straightened_pages_lie_straight() {
        let straight = straighten(&turn(&page(), 3.0)).unwrap();
        assert!(straighten(&straight.page).is_none());
    }

    #[test]
    fn knows_where_each_pixel_was() {
        let mut askew = GrayImage::from_pixel(600, 800, Luma([PAPER]));
        askew.put_pixel(500, 100, Luma([0]));
        for degrees in [-4.0, 2.5] {
            let (turned, back) = (turn(&askew, degrees), before_turn(&askew, degrees));
            let (x, y, _) = turned
                .enumerate_pixels()
                .min_by_key(|(_, _, pixel)| pixel.0[0])
                .unwrap();
            let was = back * Point::new(x.into(), y.into());
            assert!(was.distance(Point::new(500.0, 100.0)) < 1.0, "{was}");
        }
    }

    #[test]
    fn leaves_alone_what_lies_straight_and_what_has_no_lines() {
        assert!(straighten(&page()).is_none());
        assert!(straighten(&GrayImage::from_pixel(300, 400, Luma([PAPER]))).is_none());
        let noise = GrayImage::from_fn(300, 400, |x, y| Luma([(x * 7919 + y * 104_729) as u8]));
        assert!(straighten(&noise).is_none());
        assert!(straighten(&GrayImage::new(1, 1)).is_none());
    }
}
