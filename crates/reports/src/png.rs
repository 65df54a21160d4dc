//! Figures as pictures, with letters that are built in.

use crate::ReportError;
use kezek_pages::fonts;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels to a unit of the drawing.
const SCALE: f32 = 2.0;

/// Paints figures; knows its letters, none of the machine's.
#[derive(Debug)]
pub struct Painter {
    pub(crate) options: Options<'static>,
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

impl Painter {
    /// A painter with the letters of the house, which stand for every family that a figure may name.
    #[must_use]
    pub fn new() -> Self {
        let mut options = Options::default();
        let known = options.fontdb_mut();
        known.load_font_data(fonts::REGULAR.to_vec());
        let family = known.faces().next().and_then(|face| face.families.first()).map(|own| own.0.clone());
        if let Some(family) = family {
            known.set_sans_serif_family(&family);
            options.font_family = family;
        }
        Self { options }
    }

    /// A figure as PNG.
    ///
    /// # Errors
    /// When it is no SVG, or too large for a picture.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, ReportError> {
        self.painted(svg)?.encode_png().map_err(|error| ReportError::Picture(error.to_string()))
    }

    fn painted(&self, svg: &str) -> Result<Pixmap, ReportError> {
        let tree =
            Tree::from_str(svg, &self.options).map_err(|error| ReportError::Picture(error.to_string()))?;
        let size = tree.size().to_int_size().scale_by(SCALE);
        let pixmap = size.and_then(|size| Pixmap::new(size.width(), size.height()));
        let mut pixmap = pixmap.ok_or_else(|| ReportError::Picture("it is too large".into()))?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
        Ok(pixmap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::ink;
    use crate::draw::svg::{Anchor, Svg};

    /// A text on the ground of figures, in the families that figures name.
    fn written(text: &str) -> Pixmap {
        let mut svg = Svg::default();
        svg.text((4.0, 24.0), Anchor::Start, (20.0, ink::TEXT), text);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"32\" font-family=\"'Kezek Figures',sans-serif\">\
             <rect width=\"400\" height=\"32\" fill=\"{}\"/>{}</svg>",
            ink::GROUND,
            svg.ended()
        );
        Painter::new().painted(&svg).unwrap()
    }

    fn dark(picture: &Pixmap) -> usize {
        picture.pixels().iter().filter(|pixel| pixel.red() < 80 && pixel.green() < 80).count()
    }

    #[test]
    fn kazakh_letters_paint_ink_and_none_is_the_box_of_a_missing_one() {
        assert!(dark(&written("Тәуліктің ең үлкен тапшылығы")) > 1500, "a title paints ink");
        let missing = written("\u{6f22}");
        assert!(dark(&missing) > 0, "what has no shape is seen");
        for letter in "ӘәҒғҚқҢңӨөҰұҮүҺһІі".chars() {
            let own = written(&letter.to_string());
            assert!(dark(&own) > 20, "{letter} is blank");
            assert!(own.data() != missing.data(), "{letter} has no shape");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(matches!(Painter::new().png("<p>"), Err(ReportError::Picture(_))));
    }
}
