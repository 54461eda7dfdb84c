declare module "seedrandom/lib/alea.js" {
  /** The alea generator alone: seedrandom's main module would bring all of them. */
  export default function alea(seed: string): { int32(): number };
}
