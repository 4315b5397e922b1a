/** The compiled form of the R4 definitions: what `tools/definitions` writes and `definitions.ts` loads. */

export interface DefinitionsModel {
  readonly types: Readonly<Record<string, TypeModel>>;
  /** Codes of the value sets bound as required, by value set URL. A value set that is not listed takes any code. */
  readonly codeSets: Readonly<Record<string, CodeSetModel>>;
  readonly searchParameters: readonly SearchParameterModel[];
  readonly compartments: Readonly<Record<string, CompartmentModel>>;
}

/** Codes by code system. */
export type CodeSetModel = Record<string, readonly string[]>;

/** Search parameter codes by resource type: what puts a resource of that type into the compartment. */
export type CompartmentModel = Readonly<Record<string, readonly string[]>>;

export interface TypeModel {
  /** `Patient`, `HumanName`, `string`; a backbone element is named by its path, `Patient.contact`. */
  readonly name: string;
  readonly kind: 'resource' | 'complex' | 'backbone' | 'primitive';
  readonly abstract: boolean;
  readonly base: string;
  /** One for each JSON property, inherited ones included, in the order of the definition. */
  readonly elements: readonly ElementModel[];
  readonly constraints: readonly ConstraintModel[];
}

export interface ElementModel {
  /** The JSON property: `status`, `valueQuantity`. */
  readonly name: string;
  readonly type: string;
  readonly min: number;
  readonly many: boolean;
  /** The name of the choice this is one of: `value` for `valueQuantity`. `min` is that of the choice. */
  readonly choice?: string;
  readonly summary?: boolean;
  readonly modifier?: boolean;
  /** Types a Reference or canonical may point to; absent where any may be. */
  readonly targets?: readonly string[];
  /** URL of the value set bound as required. */
  readonly required?: string;
  readonly fixed?: string;
  readonly constraints?: readonly ConstraintModel[];
}

export interface ConstraintModel {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression: string;
}

export type SearchParameterType = 'token' | 'string' | 'reference' | 'date' | 'number' | 'quantity' | 'uri' | 'composite' | 'special';

export interface SearchParameterModel {
  readonly url: string;
  readonly code: string;
  readonly type: SearchParameterType;
  readonly base: readonly string[];
  readonly expression: string;
  readonly targets?: readonly string[];
  readonly components?: readonly { readonly definition: string; readonly expression: string }[];
}
