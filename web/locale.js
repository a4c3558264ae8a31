/**
 * How to write dates and times is up to the reader; the words are English.
 */
export const LOCALE = navigator.languages.find((tag) => /^en\b/i.test(tag)) ?? "en-GB";
