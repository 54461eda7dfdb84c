export { FakeApi } from "../../machinery/testing/fake-api.ts";
