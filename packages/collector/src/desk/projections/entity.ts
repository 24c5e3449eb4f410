/** The newest event of an aggregate that has no states of its own beyond "what was last said". */
export interface EntityState {
  readonly aggregate: string;
  readonly version: number;
  readonly type: string;
  readonly atMs: number;
  readonly payload: object;
}
