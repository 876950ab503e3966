/** What others wrote, where a line is a line: a break in it, or any other control character, is a space. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
