/** What can be said of a disk, beyond any date. */
export type Outlook = DatedOutlook | 'not_enough_history';

/** An outlook made from a model. */
export type DatedOutlook = 'filling' | 'not_filling' | 'unpredictable';
