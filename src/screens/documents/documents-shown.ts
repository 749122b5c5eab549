/** How many of the newest documents a till lists; older ones are found by their number. */
export const documentsShown = 100;
