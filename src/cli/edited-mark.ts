/** Where an edited source tells, in the thread that loaded it, that it was loaded: a global symbol of this name. */
export const EDITED_MARK = "seatrial.edited";
