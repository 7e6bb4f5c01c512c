/** The parameters of a call, among them functions, which no bridge carries. */
export type Params = Record<string, unknown>;

export interface Failure {
  errorCode: string | number;
  errorMessage: string;
}

/** A call of the JSAPI; rejects with a `Failure`. */
export type Invoke = (method: string, params: Params) => Promise<object>;
