"""Modules in which torch.compile has part, under the laws of all others; its first call is long."""

import pytest
import test_modules as laws
from modules import PEOPLE

COMPILED = [case for case in PEOPLE.values() if case.compiled]


@pytest.mark.parametrize("case", COMPILED)
@laws.FLOATS
def test_a_compiled_module_is_as_good_as_another(case, dtype):
    for kind in laws.OPTIMIZERS:
        laws.test_it_is_trained_as_by_torch(case, dtype, kind)
    laws.test_only_what_is_not_frozen_is_a_parameter(case, dtype)
    laws.test_the_jacobian_and_the_rank_are_those_of_its_copy_in_float64(case, dtype)
    laws.test_its_neurons_are_the_rows_of_the_weight_with_which_it_works(case, dtype)
    laws.test_module_inputs_and_samples_are_left_alone(case)
