//! A slug that is free: the one that was refused with the next number.

/// The longest slug proposed, in characters.
const LONGEST: usize = 100;

/// The next slug that is not taken. Shape: `winter-launch` becomes `winter-launch-2`, that one `winter-launch-3`.
pub(super) fn next_free(slug: &str, taken: &[String]) -> String {
    let (stem, number) = match slug.rsplit_once('-') {
        Some((stem, digits)) if !stem.is_empty() && digits.len() < 9 => match digits.parse::<u64>() {
            Ok(number) => (stem, number + 1),
            Err(_) => (slug, 2),
        },
        _ => (slug, 2),
    };
    let candidate = |number: u64| {
        let ending = format!("-{number}");
        let room = LONGEST.saturating_sub(ending.len());
        let stem: String = stem.chars().take(room).collect();
        format!("{}{ending}", stem.trim_end_matches('-'))
    };
    // As many as are taken, and one more: one of them is free.
    let most = u64::try_from(taken.len()).unwrap_or(u64::MAX).saturating_add(1);
    let mut numbers = number..=number.saturating_add(most);
    numbers.find(|number| !taken.contains(&candidate(*number))).map_or_else(|| candidate(number), candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_number_that_is_free() {
        let taken = ["winter-launch", "winter-launch-2", "winter-launch-3"].map(str::to_owned);
        assert_eq!(next_free("winter-launch", &taken), "winter-launch-4");
        assert_eq!(next_free("winter-launch-2", &[]), "winter-launch-3");
        assert_eq!(next_free("top-2026", &[]), "top-2027");
        assert_eq!(next_free("a", &[]), "a-2");
        assert_eq!(next_free(&"x".repeat(200), &[]).chars().count(), 100);
    }
}
