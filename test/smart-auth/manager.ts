/** What each role may do to each kind of record, as a clinic's manager would write it down: not made of the tables of roles. */

/** What `letters` of `cruds` each role has, in the order of ROLES; empty for nothing. */
export interface ExpectedRow {
  readonly id: string;
  readonly letters: readonly string[];
}

/** In the order of ROLES. Patient/own is signed in as PATIENT; the doctor treats `own` and `by-gp`, and missed `missed`. */
const TABLE = `
record             SUPER  ADMIN  DOCTOR NURSE  THERAP COUNS  PHARM  LAB    RECEPT FINANC SUPP   PATIENT
own                cruds  cruds  crus   crus   rs     rs     rs     rs     crus   rs     rs     ru
other              cruds  cruds  crus   crus   rs     rs     rs     rs     crus   rs     rs     -
by-gp              cruds  cruds  crus   crus   rs     rs     rs     rs     crus   rs     rs     -
missed             cruds  cruds  crus   crus   rs     rs     rs     rs     crus   rs     rs     -
vip                -      -      -      -      -      -      -      -      -      -      -      -
relative           cruds  cruds  crus   crus   rs     rs     rs     rs     crus   rs     rs     ru
cohort             cruds  cruds  crus   crus   rs     rs     rs     rs     crus   rs     -      -
visit              rs     rs     cruds  crus   rs     rs     -      -      -      -      -      rs
no-show            cruds  cruds  cruds  rus    rus    rus    -      -      cruds  rs     rs     -
vitals             rs     rs     cruds  crus   crs    rs     -      -      -      -      -      rs
vitals-other       rs     rs     cruds  crus   crs    rs     -      -      -      -      -      -
lab-released       rs     rs     cruds  crus   rs     rs     -      crus   -      -      -      rs
lab-waiting        rs     rs     cruds  crus   rs     rs     -      crus   -      -      -      -
lab-early          rs     rs     cruds  crus   rs     rs     -      crus   -      -      -      -
lab-other          rs     rs     cruds  crus   rs     rs     -      crus   -      -      -      -
image-waiting      rs     rs     cruds  crus   rs     rs     -      -      -      -      -      -
report-released    rs     rs     cruds  crus   rs     rs     -      crus   -      -      -      rs
report-waiting     rs     rs     cruds  crus   rs     rs     -      crus   -      -      -      -
note               rs     rs     cruds  crus   rs     rs     -      -      -      -      -      rs
note-mh            -      -      rs     -      -      cruds  -      -      -      -      -      -
note-mh-released   -      -      rs     -      -      cruds  -      -      -      -      -      rs
note-mh-gp         -      -      rs     -      -      cruds  -      -      -      -      -      -
note-mh-mine       -      -      cruds  -      -      -      -      -      -      -      -      -
note-mh-stranger   -      -      -      -      -      cruds  -      -      -      -      -      -
note-mh-missed     -      -      -      -      -      cruds  -      -      -      -      -      -
sealed-document    -      -      cruds  -      -      -      -      -      -      -      -      -
sealed-letter      -      -      cruds  -      -      -      -      -      -      -      -      -
medicine           rs     rs     cruds  crus   rs     rs     cruds  -      -      -      -      rs
medicine-hiv       -      -      rs     -      -      -      -      -      -      -      -      -
allergy            rs     rs     cruds  crus   rs     rs     rs     -      -      -      -      rs
lab-order          rs     rs     cruds  crus   rs     rs     -      rus    -      -      -      rs
referral           rs     rs     cruds  crus   rs     rs     -      -      -      -      -      rs
appointment        cruds  cruds  cruds  rus    rus    rus    -      -      cruds  rs     rs     crus
appointment-other  cruds  cruds  cruds  rus    rus    rus    -      -      cruds  rs     rs     -
token              cruds  cruds  cruds  rus    rus    rus    -      -      cruds  rs     rs     -
slot               cruds  cruds  cruds  rus    rus    rus    -      -      cruds  rs     rs     -
course             cruds  cruds  cruds  crus   cruds  rs     -      -      rs     -      -      rs
plan               rs     rs     cruds  crus   rs     rs     -      -      -      -      -      rs
session            cruds  cruds  cruds  crus   cruds  rs     -      -      rs     -      -      rs
surgery            rs     rs     cruds  crus   rs     rs     -      -      -      -      -      rs
protocol           cruds  cruds  cruds  rus    cruds  -      -      -      rs     -      -      -
invoice            cruds  cruds  rs     -      -      -      rs     -      crs    cruds  -      rs
invoice-other      cruds  cruds  rs     -      -      -      rs     -      crs    cruds  -      -
price              cruds  cruds  rs     rs     rs     rs     rs     rs     crs    cruds  rs     rs
payment            cruds  cruds  rs     -      -      -      rs     -      crs    cruds  -      -
consent            cruds  cruds  crs    crs    rs     crs    -      -      crs    -      -      cruds
consent-other      cruds  cruds  crs    crs    rs     crs    -      -      crs    -      -      -
message            cruds  cruds  -      -      -      -      -      -      -      -      crs    -
alert              cruds  cruds  -      -      -      -      -      -      -      -      -      -
audit              rs     rs     -      -      -      -      -      -      -      -      -      -
subscription       cruds  cruds  -      -      -      -      -      -      -      -      -      -
practitioner       cruds  cruds  rs     rs     rs     rs     rs     rs     rs     rs     rs     rs
codes              cruds  cruds  rs     rs     rs     rs     rs     rs     rs     rs     rs     rs
file               rs     rs     cruds  crus   rs     rs     -      -      -      -      -      -
document           -      -      -      -      -      -      -      -      -      -      -      -
parameters         -      -      -      -      -      -      -      -      -      -      -      -
outcome            -      -      -      -      -      -      -      -      -      -      -      -
`;

export const EXPECTED: readonly ExpectedRow[] = TABLE.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.trim().split(/\s+/))
  .map(([id = '', ...letters]) => ({ id, letters: letters.map((l) => (l === '-' ? '' : l)) }));
